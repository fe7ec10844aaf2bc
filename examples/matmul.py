"""Matrix multiplication, plain, with an epilogue that the caller gives, and with its gradients.

To learn: independent grid loops one after the other are one launch, here the gradients of both operands.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

import helion
import helion.language as hl
from helion._testing import run_example
from helion.testing import DEVICE, check


@helion.kernel
def matmul(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """`x @ y`, accumulated in float32."""
    m, k = x.size()
    k2, n = y.size()
    assert k == k2
    out = torch.empty([m, n], dtype=torch.promote_types(x.dtype, y.dtype), device=x.device)
    for tile_m, tile_n in hl.tile([m, n]):
        acc = hl.zeros([tile_m, tile_n], dtype=torch.float32)
        for tile_k in hl.tile(k):
            acc = torch.addmm(acc, x[tile_m, tile_k], y[tile_k, tile_n])
        out[tile_m, tile_n] = acc
    return out


@helion.kernel
def matmul_with_epilogue(
    x: torch.Tensor, y: torch.Tensor, epilogue: Callable[[torch.Tensor, tuple[hl.Tile, hl.Tile]], torch.Tensor]
) -> torch.Tensor:
    """`epilogue(x @ y, tile)`, applied to each tile while it is in registers."""
    m, k = x.size()
    k2, n = y.size()
    assert k == k2
    out = torch.empty([m, n], dtype=torch.promote_types(x.dtype, y.dtype), device=x.device)
    for tile_m, tile_n in hl.tile([m, n]):
        acc = hl.zeros([tile_m, tile_n], dtype=torch.float32)
        for tile_k in hl.tile(k):
            acc = hl.dot(x[tile_m, tile_k], y[tile_k, tile_n], acc=acc)
        out[tile_m, tile_n] = epilogue(acc, (tile_m, tile_n))
    return out


@helion.kernel
def matmul_backward(grad_out: torch.Tensor, x: torch.Tensor, y: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The gradients of `x` and `y` in `x @ y`: `grad_out @ y.T` and `x.T @ grad_out`."""
    m, k = x.size()
    k2, n = y.size()
    m2, n2 = grad_out.size()
    assert k == k2
    assert m == m2
    assert n == n2
    grad_x = torch.empty_like(x)
    grad_y = torch.empty_like(y)
    for tile_m, tile_k in hl.tile([m, k]):
        acc = hl.zeros([tile_m, tile_k], dtype=torch.float32)
        for tile_n in hl.tile(n):
            acc = torch.addmm(acc, grad_out[tile_m, tile_n], y[tile_k, tile_n].T)
        grad_x[tile_m, tile_k] = acc.to(x.dtype)
    for tile_k, tile_n in hl.tile([k, n]):
        acc = hl.zeros([tile_k, tile_n], dtype=torch.float32)
        for tile_m in hl.tile(m):
            acc = torch.addmm(acc, x[tile_m, tile_k].T, grad_out[tile_m, tile_n])
        grad_y[tile_k, tile_n] = acc.to(y.dtype)
    return grad_x, grad_y


class MatMul(torch.autograd.Function):
    """`matmul` with its gradients."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(x, y)
        return matmul(x, y)

    @staticmethod
    def backward(ctx: Any, *grad_outputs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return matmul_backward(grad_outputs[0], *ctx.saved_tensors)


def main() -> None:
    m, k, n = (4096, 4096, 4096) if DEVICE.type == "cuda" else (37, 64, 50)
    x = torch.randn(m, k, device=DEVICE, dtype=torch.bfloat16)
    y = torch.randn(k, n, device=DEVICE, dtype=torch.bfloat16)
    bias = torch.randn(n, device=DEVICE, dtype=torch.bfloat16)
    check("matmul", matmul, torch.matmul, (x, y))
    check(
        "matmul, bias and relu",
        lambda x, y: matmul_with_epilogue(x, y, lambda acc, tile: torch.relu(acc + bias[tile[1]])),
        lambda x, y: torch.relu(x @ y + bias),
        (x, y),
    )
    leaves = tuple(t.detach().requires_grad_() for t in (x, y))
    run_example({"matmul, backward": MatMul.apply}, {"torch": torch.matmul}, leaves, rtol=2e-2, atol=0.5, bwd=True)


if __name__ == "__main__":
    main()
