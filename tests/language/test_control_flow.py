"""Control flow gives torch's results: interpreted with static and dynamic shapes and random configs, and in reference mode."""

from __future__ import annotations

import pytest

from tests.interpreter_process import InterpreterProcess
from tests.language.control_flow import PROGRAMS
from tests.language.program import run_program

_MODULE = "tests.language.control_flow"
_NAMES = [program.name for program in PROGRAMS]


@pytest.mark.parametrize("way", ["static", "dynamic"])
@pytest.mark.parametrize("name", _NAMES)
def test_interpreted(name: str, way: str, interpreter: InterpreterProcess) -> None:
    problem = interpreter.run(run_program, _MODULE, name, way)
    assert problem is None, problem


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", _NAMES)
def test_random_configs(name: str, seed: int, interpreter: InterpreterProcess) -> None:
    problem = interpreter.run(run_program, _MODULE, name, "static", seed)
    assert problem is None, problem


@pytest.mark.parametrize("name", _NAMES)
def test_eager(name: str) -> None:
    run_program(_MODULE, name, "eager")
