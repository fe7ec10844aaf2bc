"""Programs that share out a walk over rows of which only memory knows the number: in the interpreter and on a GPU."""

from __future__ import annotations

import pytest

from tests.interpreter_process import InterpreterProcess
from tests.parity.shared_walk_checks import check_many_programs, check_values, check_what_is_not_shared
from tests.parity.test_parity import needs_gpu


def test_every_row_is_written_by_one_program(interpreter: InterpreterProcess) -> None:
    assert interpreter.run(check_values) is None


def test_what_depends_on_the_order_of_rounds_is_left_to_one_program(interpreter: InterpreterProcess) -> None:
    assert interpreter.run(check_what_is_not_shared) is None


def test_a_large_grid_shares_nothing(interpreter: InterpreterProcess) -> None:
    assert interpreter.run(check_many_programs) is None


@needs_gpu
@pytest.mark.gpu
def test_every_row_is_written_by_one_program_on_gpu() -> None:
    check_values()
