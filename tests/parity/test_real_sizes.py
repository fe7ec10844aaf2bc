"""Default configs of examples at sizes that models have: they fit the GPU, spill nothing and use its tensor cores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
import torch

import helion
from examples import attention_backward
from helion import compiler
from helion.offline.artifact import Artifact
from helion.offline.compile import compile_module
from helion.runtime.bound_kernel import BoundKernel
from helion.runtime.kernel import Kernel
from helion.target import find_target

_BF16, _F32 = torch.bfloat16, torch.float32


def _empty(dtype: torch.dtype, *shape: int) -> torch.Tensor:
    """A tensor that is never touched: it takes no memory."""
    return torch.empty(shape, dtype=dtype)


@dataclass(frozen=True)
class Call:
    """What a kernel is called with, and the bytes a thread that may spill on any target."""

    kernel: Kernel
    arguments: tuple[Any, ...]
    spilled: int = 0


_HEADS = _empty(_BF16, 128, 4096, 128)
_ROWS = _empty(_F32, 128, 4096)

CALLS = (
    Call(attention_backward.attention_forward, (_HEADS, _HEADS, _HEADS, True)),
    Call(attention_backward.attention_grad_q, (_HEADS, _HEADS, _HEADS, _HEADS, _HEADS, _ROWS, True)),
    # Four tiles of 128 by 64 and two sums: on sm_80, whose tensor cores read registers, a little more than there are.
    Call(attention_backward.attention_grad_kv, (_HEADS, _HEADS, _HEADS, _HEADS, _ROWS, _ROWS, True), spilled=64),
)


@pytest.mark.parametrize("target_name", ["sm_80", "sm_90", "sm_100"])
@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.kernel.name)
def test_default_config(call: Call, target_name: str) -> None:
    target = find_target(target_name)
    assert target is not None
    kernel = helion.kernel(call.kernel.fn, static_shapes=True, autotune_effort="none", ignore_warnings=[helion.exc.BaseWarning])
    bound = BoundKernel(kernel, kernel.normalize_args(*call.arguments))
    module = compiler.generate(bound.ir, compiler.config_space(bound.ir, target).default(), target)
    result = compile_module(module, target)
    assert isinstance(result, Artifact), f"{result}\n{module.text}"
    assert result.local_bytes <= call.spilled, module.text
    assert result.instructions.tensor_core is not None, module.text
