"""Tuning at a call, on Triton's interpreter by the user's own clock: see `tuning_checks.py` for what is checked."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.interpreter_process import InterpreterProcess
from tests.runtime.tuning_checks import CHECKS

pytest.importorskip("sklearn")


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__.removeprefix("check_"))
def test_tuning(check: Callable[[], None], interpreter: InterpreterProcess) -> None:
    problem = interpreter.run(check)
    assert problem is None, problem
