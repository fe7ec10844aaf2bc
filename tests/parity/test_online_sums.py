"""A sum of exponentials less the greatest value is summed in the loop that looks for the greatest."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.interpreter_process import InterpreterProcess
from tests.parity.online_checks import check_groups, check_numbers, check_rows_without_numbers, check_texts
from tests.parity.test_parity import needs_gpu


@pytest.mark.parametrize("check", [check_numbers, check_groups, check_rows_without_numbers, check_texts])
def test_interpreted(check: Callable[[], None], interpreter: InterpreterProcess) -> None:
    assert interpreter.run(check) is None


@needs_gpu
@pytest.mark.gpu
@pytest.mark.parametrize("check", [check_numbers, check_groups, check_rows_without_numbers])
def test_on_gpu(check: Callable[[], None]) -> None:
    check()
