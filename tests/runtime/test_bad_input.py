"""Bad input is a diagnostic, never an internal error: see `bad_input.py` for what is tried."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.interpreter_process import InterpreterProcess
from tests.runtime.bad_input import CASES, CHECKS, Case, check_refused


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_refusals(case: Case, interpreter: InterpreterProcess) -> None:
    problem = interpreter.run(check_refused, case.name)
    assert problem is None, problem


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__.removeprefix("check_"))
def test_calls(check: Callable[[], None], interpreter: InterpreterProcess) -> None:
    problem = interpreter.run(check)
    assert problem is None, problem
