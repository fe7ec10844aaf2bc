"""A kernel is one operation to `torch.compile` and gives shapes for fake tensors: see `opaque_checks.py`."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.interpreter_process import InterpreterProcess
from tests.runtime.opaque_checks import CHECKS


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__.removeprefix("check_"))
def test_opaque_calls(check: Callable[[], None], interpreter: InterpreterProcess) -> None:
    problem = interpreter.run(check)
    assert problem is None, problem
