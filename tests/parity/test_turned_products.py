"""A product whose right operand is computed is turned for Hopper, whose tensor cores take only the left one from registers."""

from __future__ import annotations

import pytest
import torch

import helion
from examples.bf16xint16_gemm import bf16xint16, int16xbf16
from examples.matmul import matmul
from helion.compiler import generate
from helion.config.config import Config
from helion.runtime.bound_kernel import BoundKernel
from helion.runtime.kernel import Kernel
from helion.target import find_target
from tests.interpreter_process import InterpreterProcess
from tests.parity.turned_checks import TURNED, check_turned


def code(kernel: Kernel, *args: torch.Tensor, target: str = "sm_90", **config: object) -> str:
    """The module of a config for a target."""
    with torch.device("meta"):
        bound = helion.kernel(kernel.fn, autotune_effort="none").bind(tuple(arg.to("meta") for arg in args))
    assert isinstance(bound, BoundKernel)
    found = find_target(target)
    assert found is not None
    return generate(bound.ir, bound.config_spec.normalize(Config(**config)), found).text


HALF, INTEGERS = torch.empty([256, 256], dtype=torch.bfloat16), torch.empty([256, 256], dtype=torch.int16)


def test_only_a_computed_right_operand_turns_a_product() -> None:
    sizes = [64, 128, 64]
    assert TURNED in code(bf16xint16, HALF, INTEGERS, block_sizes=sizes)
    assert TURNED not in code(int16xbf16, INTEGERS, HALF, block_sizes=sizes)
    assert TURNED not in code(matmul, HALF, HALF, block_sizes=sizes)


@pytest.mark.parametrize("target", ["sm_80", "sm_100", "gfx950"])
def test_other_tensor_cores_take_both_operands_alike(target: str) -> None:
    assert TURNED not in code(bf16xint16, HALF, INTEGERS, target=target, block_sizes=[64, 128, 64])


def test_too_few_columns_for_a_warp_group_stay_as_they_are() -> None:
    assert TURNED not in code(bf16xint16, HALF, INTEGERS, block_sizes=[64, 32, 64])


def test_a_turned_product_is_the_same(interpreter: InterpreterProcess) -> None:
    assert interpreter.run(check_turned) is None
