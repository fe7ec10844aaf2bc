"""Hand-written `TritonModule`s to compile, so that these tests do not depend on code generation."""

from __future__ import annotations

import torch

from helion.codegen.triton_module import KernelArgument, LaunchPlan, TritonModule
from helion.source import Span

SOFTMAX = """\
import triton
import triton.language as tl

@triton.jit
def softmax_kernel(x, out, N: tl.constexpr):
    i = tl.arange(0, N)
    v = tl.load(x + i)
    e = tl.exp(v - tl.max(v, 0))
    tl.store(out + i, e / tl.sum(e, 0))
"""

MATMUL = """\
import triton
import triton.language as tl

@triton.jit
def matmul_kernel(a, b, c, K: tl.constexpr, N: tl.constexpr, BM: tl.constexpr, BN: tl.constexpr, BK: tl.constexpr):
    im = tl.program_id(0) * BM + tl.arange(0, BM)
    jn = tl.program_id(1) * BN + tl.arange(0, BN)
    acc = tl.zeros((BM, BN), tl.float32)
    for k in range(0, K, BK):
        kk = k + tl.arange(0, BK)
        x = tl.load(a + im[:, None] * K + kk[None, :])
        y = tl.load(b + kk[:, None] * N + jn[None, :])
        acc = tl.dot(x, y, acc)
    tl.store(c + im[:, None] * N + jn[None, :], acc.to(tl.bfloat16))
"""

DESCRIPTOR_COPY = """\
import triton
import triton.language as tl

@triton.jit
def copy_kernel(source, target):
    value = source.load([tl.program_id(0) * 64, 0])
    target.store([tl.program_id(0) * 64, 0], value)
"""


def softmax(length: int = 1024, text: str = SOFTMAX) -> TritonModule:
    arguments = (*_tensors(("x", "out"), torch.float32), _constant("N", length))
    return _module(text, "softmax_kernel", arguments, num_warps=4, num_stages=1)


def matmul(block: tuple[int, int, int] = (64, 64, 32), *, num_warps: int = 4, num_stages: int = 2) -> TritonModule:
    sizes = dict(zip(("K", "N", "BM", "BN", "BK"), (512, 512, *block), strict=True))
    arguments = (*_tensors(("a", "b", "c"), torch.bfloat16), *(_constant(name, value) for name, value in sizes.items()))
    return _module(MATMUL, "matmul_kernel", arguments, num_warps=num_warps, num_stages=num_stages)


def descriptor_copy() -> TritonModule:
    arguments = tuple(
        KernelArgument(name, "descriptor", name, dtype=torch.bfloat16, block_shape=(64, 64), divisible_by_16=True)
        for name in ("source", "target")
    )
    return _module(DESCRIPTOR_COPY, "copy_kernel", arguments, num_warps=4, num_stages=1)


def line_spans(text: str) -> tuple[tuple[int, Span], ...]:
    """Every line mapped to the span `[line, line + 1)`, so that a test can read lines off spans."""
    return tuple((line, Span(line, line + 1)) for line in range(len(text.splitlines())))


def _tensors(names: tuple[str, ...], dtype: torch.dtype) -> tuple[KernelArgument, ...]:
    return tuple(KernelArgument(name, "tensor", name, dtype=dtype, divisible_by_16=True) for name in names)


def _constant(name: str, value: int) -> KernelArgument:
    return KernelArgument(name, "constexpr", str(value), value=value)


def _module(text: str, name: str, arguments: tuple[KernelArgument, ...], *, num_warps: int, num_stages: int) -> TritonModule:
    launch = LaunchPlan(
        kernel_name=name,
        host_name="host",
        arguments=arguments,
        grid="(1,)",
        grid_size=1,
        num_warps=num_warps,
        num_stages=num_stages,
    )
    return TritonModule(text, line_spans(text), launch)
