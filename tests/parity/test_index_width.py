"""Indices have 64 bits where a tensor needs them or the setting asks for them, and only there; 32 bits that do not reach are refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.interpreter_process import InterpreterProcess
from tests.parity.indexing.width_checks import (
    check_calls_of_one_kernel,
    check_far_elements,
    check_program_ids,
    check_refusals,
    check_widths,
)


@pytest.mark.parametrize("check", [check_widths, check_calls_of_one_kernel, check_far_elements, check_program_ids, check_refusals])
def test_index_width(check: Callable[[], None], interpreter: InterpreterProcess) -> None:
    problem = interpreter.run(check)
    assert problem is None, problem
