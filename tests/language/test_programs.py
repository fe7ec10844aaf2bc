"""Programs of the language give torch's results: interpreted with static and dynamic shapes and random configs, and in reference mode."""

from __future__ import annotations

import importlib

import pytest

from tests.interpreter_process import InterpreterProcess
from tests.language.program import run_program
from tests.parity.test_parity import needs_gpu

_MODULES = tuple(
    f"tests.language.{name}"
    for name in (
        "carried_values",
        "compared_tiles",
        "control_flow",
        "helper_functions",
        "host_layouts",
        "host_parts",
        "late_sizes",
        "lazy_operands",
        "loop_bounds",
        "made_values",
        "partial_tiles",
        "runtime_numbers",
        "scalars",
        "structures",
    )
)
_PROGRAMS = [
    pytest.param(module, program.name, id=program.name) for module in _MODULES for program in importlib.import_module(module).PROGRAMS
]


@pytest.mark.parametrize("way", ["static", "dynamic"])
@pytest.mark.parametrize(("module", "name"), _PROGRAMS)
def test_interpreted(module: str, name: str, way: str, interpreter: InterpreterProcess) -> None:
    problem = interpreter.run(run_program, module, name, way)
    assert problem is None, problem


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("module", "name"), _PROGRAMS)
def test_random_configs(module: str, name: str, seed: int, interpreter: InterpreterProcess) -> None:
    problem = interpreter.run(run_program, module, name, "static", seed)
    assert problem is None, problem


@pytest.mark.parametrize(("module", "name"), _PROGRAMS)
def test_eager(module: str, name: str) -> None:
    run_program(module, name, "eager")


@needs_gpu
@pytest.mark.gpu
@pytest.mark.parametrize(("way", "seed"), [("static", None), ("dynamic", None), ("static", 0)])
@pytest.mark.parametrize(("module", "name"), _PROGRAMS)
def test_on_gpu(module: str, name: str, way: str, seed: int | None) -> None:
    program = next(p for p in importlib.import_module(module).PROGRAMS if p.name == name)
    if program.not_on_gpu:
        pytest.skip(program.not_on_gpu)
    run_program(module, name, way, seed, device="cuda")
