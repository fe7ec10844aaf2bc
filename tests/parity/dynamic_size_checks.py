"""Kernels whose sizes are arguments, called with many beside torch: at the edges of tiles, of classes and of alignments."""

from __future__ import annotations

from collections.abc import Sequence

import torch

import helion
from examples.attention import attention, causal_attention
from examples.matmul import matmul
from examples.softmax import softmax
from helion.runtime.kernel import Kernel
from helion.testing import DEVICE


def check_lengths_of_attention(is_causal: bool) -> None:
    """A tile of keys more, one less, and a rest of one."""
    kernel = helion.kernel((causal_attention if is_causal else attention).fn, config=_steps_of_16(), static_shapes=False)
    for length in (48, 15, 16, 17, 40, 1, 33):
        q, k, v = (torch.randn(1, 2, length, 16, device=DEVICE) for _ in range(3))
        expected = torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=is_causal)
        torch.testing.assert_close(kernel(q, k, v), expected, rtol=1e-3, atol=1e-3)


def _steps_of_16() -> helion.Config:
    return helion.Config(block_sizes=[1, 16, 16])


def check_one_kernel(kernel: Kernel, shapes: Sequence[Sequence[tuple[int, ...]]]) -> None:
    """Aligned first, then rows that end anywhere."""
    dynamic = helion.kernel(kernel.fn, autotune_effort="none", static_shapes=False)
    torch_of = {"matmul": torch.matmul, "softmax": lambda x: torch.softmax(x, 1)}[kernel.name]
    for given in shapes:
        arguments = [torch.randn(shape, device=DEVICE) for shape in given]
        torch.testing.assert_close(dynamic(*arguments), torch_of(*arguments), rtol=1e-3, atol=1e-3)
        wide = [torch.randn(rows, columns + 3, device=DEVICE)[:, :columns] for rows, columns in given]
        torch.testing.assert_close(dynamic(*wide), torch_of(*wide), rtol=1e-3, atol=1e-3)


def check_products() -> None:
    check_one_kernel(matmul, [[(m, k), (k, n)] for m, k, n in ((32, 64, 48), (200, 40, 24), (7, 24, 8), (130, 33, 17), (3, 5, 2))])


def check_rows() -> None:
    check_one_kernel(softmax, [[(5, n)] for n in (64, 96, 1000, 7, 129, 2048)])
