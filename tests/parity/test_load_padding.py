"""Lanes outside hold what the reductions of a load ask for."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.interpreter_process import InterpreterProcess
from tests.parity.load_padding_checks import check_empty_jagged_rows, check_partial_tiles, check_rows_without_numbers, check_texts
from tests.parity.test_parity import needs_gpu

_CHECKS = [check_partial_tiles, check_rows_without_numbers, check_empty_jagged_rows]


@pytest.mark.parametrize("check", [*_CHECKS, check_texts])
def test_interpreted(check: Callable[[], None], interpreter: InterpreterProcess) -> None:
    assert interpreter.run(check) is None


@needs_gpu
@pytest.mark.gpu
@pytest.mark.parametrize("check", _CHECKS)
def test_on_gpu(check: Callable[[], None]) -> None:
    check()
