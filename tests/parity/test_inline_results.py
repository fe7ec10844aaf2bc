"""Results of Triton that users write are held to what `output_like` says when the kernel is compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

import helion
import helion.language as hl
from helion import compiler
from helion.offline.artifact import CompileFailure
from helion.offline.compile import compile_module
from helion.runtime.bound_kernel import BoundKernel
from helion.target import DEFAULT_TARGET


def another_dtype(x: torch.Tensor) -> torch.Tensor:
    for tile in hl.tile(x.size(0)):
        x[tile] = hl.inline_triton("{0}.to(tl.float16)", args=[x[tile]], output_like=x[tile])
    return x


def another_shape(x: torch.Tensor) -> torch.Tensor:
    for tile in hl.tile(x.size(0)):
        x[tile] = hl.triton_kernel("def f(a): return a[:, None]", args=[x[tile]], output_like=x[tile])
    return x


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (another_dtype, "a result of hl.inline_triton must be tl.float32"),
        (another_shape, "a result of hl.triton_kernel must have the shape"),
    ],
)
def test_another_result_does_not_compile(function: Callable[..., Any], words: str) -> None:
    bound = BoundKernel(helion.kernel(function, autotune_effort="none"), (torch.zeros(64),))
    space = compiler.config_space(bound.ir, DEFAULT_TARGET)
    result = compile_module(compiler.generate(bound.ir, space.default(), DEFAULT_TARGET), DEFAULT_TARGET)
    assert isinstance(result, CompileFailure)
    assert words in result.message
