"""Subscripts drawn at random read and write the same memory eagerly and compiled, whatever the config."""

from __future__ import annotations

import pytest

from tests.interpreter_process import InterpreterProcess
from tests.parity.indexing.random_subscripts import run_random


@pytest.mark.parametrize("seed", range(40))
def test_random_subscripts(seed: int, interpreter: InterpreterProcess) -> None:
    problem = interpreter.run(run_random, seed, 4)
    assert problem is None, problem
