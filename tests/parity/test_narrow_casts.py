"""Integers of a few bits become 16-bit floats without a conversion: in the interpreter, on a GPU, and in the compiled code."""

from __future__ import annotations

import pytest
import torch

import helion
from examples.int4_gemm import int4_gemm
from helion import compiler
from helion.offline.artifact import Artifact
from helion.offline.compile import compile_module
from helion.runtime.bound_kernel import BoundKernel
from helion.target import find_target
from tests.interpreter_process import InterpreterProcess
from tests.parity.narrow_cast_checks import IN_MANTISSA, check_casts, check_operands, check_texts
from tests.parity.test_parity import needs_gpu


def test_every_value_of_every_form(interpreter: InterpreterProcess) -> None:
    assert interpreter.run(check_casts) is None


def test_which_casts_go_by_way_of_the_mantissa(interpreter: InterpreterProcess) -> None:
    assert interpreter.run(check_texts) is None


def test_every_operand_of_16_bits(interpreter: InterpreterProcess) -> None:
    assert interpreter.run(check_operands) is None


@needs_gpu
@pytest.mark.gpu
def test_every_value_of_every_form_on_gpu() -> None:
    check_casts()
    check_operands()


def product(target: str) -> tuple[str, Artifact]:
    """int4_gemm's default code for a target, and what it compiles to."""
    found = find_target(target)
    assert found is not None
    fresh = helion.kernel(int4_gemm.fn, autotune_effort="none")
    arguments = (torch.empty(4096, 4096, dtype=torch.bfloat16), torch.empty(2048, 4096, dtype=torch.int8))
    ir = BoundKernel(fresh, fresh.normalize_args(*arguments)).ir
    module = compiler.generate(ir, compiler.config_space(ir, found).default(), found)
    artifact = compile_module(module, found)
    assert isinstance(artifact, Artifact), artifact
    return module.text, artifact


@pytest.mark.parametrize("target", ["sm_80", "sm_90", "sm_100"])
def test_unpacking_takes_no_conversions(target: str) -> None:
    text, artifact = product(target)
    assert IN_MANTISSA in text
    assert "cvt.rn.f32.s" not in artifact.assembly


def test_amd_converts(interpreter: InterpreterProcess) -> None:
    assert IN_MANTISSA not in product("gfx950")[0]
