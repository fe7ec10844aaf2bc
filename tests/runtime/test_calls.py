"""Calls of kernels on Triton's interpreter: see `call_checks.py`, `warm_checks.py`, `argument_checks.py` and `unwatched_checks.py` for what is checked."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.interpreter_process import InterpreterProcess
from tests.runtime import argument_checks, call_checks, unwatched_checks, warm_checks

CHECKS = (*call_checks.CHECKS, *warm_checks.CHECKS, *argument_checks.CHECKS, *unwatched_checks.CHECKS)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__.removeprefix("check_"))
def test_calls(check: Callable[[], None], interpreter: InterpreterProcess) -> None:
    problem = interpreter.run(check)
    assert problem is None, problem
