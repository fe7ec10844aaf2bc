"""`beta * bias + alpha * (x @ y)`, forward and backward.

To learn: numbers that the caller gives (`alpha`, `beta`) are arguments of the launch, so that new ones compile nothing; a `bias` that
broadcasts is a view without memory of its own, loaded where it is; and all three gradients are one launch of three grid loops.
"""

from __future__ import annotations

from typing import Any

import torch

import helion
import helion.language as hl
from helion._testing import DEVICE, run_example


@helion.kernel
def addmm(bias: torch.Tensor, x: torch.Tensor, y: torch.Tensor, alpha: float = 1.0, beta: float = 1.0) -> torch.Tensor:
    """`beta * bias + alpha * (x @ y)`; `bias` broadcasts to the product."""
    m, k = x.size()
    k2, n = y.size()
    assert k == k2
    out = torch.empty([m, n], dtype=torch.promote_types(x.dtype, y.dtype), device=x.device)
    rows = torch.broadcast_to(bias, [m, n])
    for tile_m, tile_n in hl.tile([m, n]):
        acc = hl.zeros([tile_m, tile_n], dtype=torch.float32)
        for tile_k in hl.tile(k):
            acc = torch.addmm(acc, x[tile_m, tile_k], y[tile_k, tile_n])
        out[tile_m, tile_n] = (beta * rows[tile_m, tile_n].to(torch.float32) + alpha * acc).to(out.dtype)
    return out


@helion.kernel
def addmm_backward(
    grad_out: torch.Tensor, bias: torch.Tensor, x: torch.Tensor, y: torch.Tensor, alpha: float = 1.0, beta: float = 1.0
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """The gradients of a `bias` `[m, n]`, of `x` and of `y`."""
    m, k = x.size()
    k2, n = y.size()
    m2, n2 = grad_out.size()
    assert k == k2
    assert m == m2
    assert n == n2
    grad_bias = torch.empty_like(bias)
    grad_x = torch.empty_like(x)
    grad_y = torch.empty_like(y)
    for tile_m, tile_n in hl.tile([m, n]):
        grad_bias[tile_m, tile_n] = (beta * grad_out[tile_m, tile_n].to(torch.float32)).to(bias.dtype)
    for tile_m, tile_k in hl.tile([m, k]):
        acc = hl.zeros([tile_m, tile_k], dtype=torch.float32)
        for tile_n in hl.tile(n):
            acc = torch.addmm(acc, grad_out[tile_m, tile_n], y[tile_k, tile_n].T)
        grad_x[tile_m, tile_k] = (alpha * acc).to(x.dtype)
    for tile_k, tile_n in hl.tile([k, n]):
        acc = hl.zeros([tile_k, tile_n], dtype=torch.float32)
        for tile_m in hl.tile(m):
            acc = torch.addmm(acc, x[tile_m, tile_k].T, grad_out[tile_m, tile_n])
        grad_y[tile_k, tile_n] = (alpha * acc).to(y.dtype)
    return grad_bias, grad_x, grad_y


class AddMM(torch.autograd.Function):
    """`addmm` with its gradients."""

    @staticmethod
    def forward(ctx: Any, bias: torch.Tensor, x: torch.Tensor, y: torch.Tensor, alpha: float, beta: float) -> torch.Tensor:
        ctx.save_for_backward(bias, x, y)
        ctx.alpha, ctx.beta = alpha, beta
        return addmm(bias, x, y, alpha, beta)

    @staticmethod
    def backward(ctx: Any, *grad_outputs: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        (grad_out,), (bias, x, y) = grad_outputs, ctx.saved_tensors
        return (*addmm_backward(grad_out, bias, x, y, ctx.alpha, ctx.beta), None, None)


def main() -> None:
    m, k, n = (4096, 4096, 4096) if DEVICE.type == "cuda" else (37, 64, 50)
    bias, x, y = (torch.randn(s, device=DEVICE, dtype=torch.float16) * 0.2 for s in ((m, n), (m, k), (k, n)))
    leaves = tuple(t.detach().requires_grad_() for t in (bias, x, y))
    run_example(
        {"helion": lambda *a: AddMM.apply(*a, 0.5, 2.0)},
        {"torch": lambda *a: torch.addmm(*a, alpha=0.5, beta=2.0)},
        leaves,
        bwd=True,
    )


if __name__ == "__main__":
    main()
