"""Programs of the language whose code calls libraries of functions compile for GPUs of both vendors, which have not the same ones."""

from __future__ import annotations

import pytest

import helion
from helion import compiler
from helion.offline.artifact import Artifact
from helion.offline.compile import compile_module
from helion.runtime.bound_kernel import BoundKernel
from helion.target import find_target
from tests.language import helper_functions, loop_bounds, runtime_numbers
from tests.language.program import Program

_PROGRAMS = [p for p in (*runtime_numbers.PROGRAMS, *helper_functions.PROGRAMS, *loop_bounds.PROGRAMS) if not p.call]


@pytest.mark.parametrize("name", ["sm_90", "gfx950"])
@pytest.mark.parametrize("program", _PROGRAMS, ids=lambda program: program.name)
def test_compiles_with_sizes_as_arguments(program: Program, name: str) -> None:
    target = find_target(name)
    assert target is not None
    kernel = helion.kernel(program.kernel.fn, static_shapes=False, autotune_effort="none")
    bound = BoundKernel(kernel, kernel.normalize_args(*program.make("cpu")))
    module = compiler.generate(bound.ir, compiler.config_space(bound.ir, target).default(), target)
    result = compile_module(module, target)
    assert isinstance(result, Artifact), f"{result}\n{module.text}"
