"""The gate `2 * x * sigmoid(x @ w)`, forward and backward.

To learn: a product's epilogue may read the very tensor that was multiplied, at the tile of the result; the backward pass recomputes
nothing, since the gate is stored, and both of its kernels build what they multiply on the way to the tensor cores.
"""

from __future__ import annotations

from typing import Any

import torch

import helion
import helion.language as hl
from helion._testing import DEVICE, run_example


@helion.kernel
def se_block(x: torch.Tensor, w: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The gated `x` `[m, n]` and the gate `sigmoid(x @ w)`, for `w` `[n, n]`."""
    m, n = x.size()
    assert w.size(0) == n
    assert w.size(1) == n
    out, gates = torch.empty_like(x), torch.empty_like(x)
    for tile_m, tile_n in hl.tile([m, n]):
        acc = hl.zeros([tile_m, tile_n], dtype=torch.float32)
        for tile_k in hl.tile(n):
            acc = torch.addmm(acc, x[tile_m, tile_k], w[tile_k, tile_n])
        gate = torch.sigmoid(acc)
        gates[tile_m, tile_n] = gate.to(x.dtype)
        out[tile_m, tile_n] = (2.0 * x[tile_m, tile_n].to(torch.float32) * gate).to(x.dtype)
    return out, gates


@helion.kernel
def se_block_backward(grad_out: torch.Tensor, x: torch.Tensor, w: torch.Tensor, gates: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The gradients of `x` and `w`, in one launch of two grid loops."""
    m, n = x.size()
    assert w.size(0) == n
    grad_x, grad_w = torch.empty_like(x), torch.empty_like(w)
    for tile_m, tile_n in hl.tile([m, n]):
        acc = 2.0 * grad_out[tile_m, tile_n].to(torch.float32) * gates[tile_m, tile_n].to(torch.float32)
        for tile_k in hl.tile(n):
            gate = gates[tile_m, tile_k].to(torch.float32)
            slope = 2.0 * grad_out[tile_m, tile_k].to(torch.float32) * x[tile_m, tile_k].to(torch.float32) * gate * (1.0 - gate)
            acc = torch.addmm(acc, slope.to(x.dtype), w[tile_n, tile_k].T)
        grad_x[tile_m, tile_n] = acc.to(x.dtype)
    for tile_k, tile_n in hl.tile([n, n]):
        acc = hl.zeros([tile_k, tile_n], dtype=torch.float32)
        for tile_m in hl.tile(m):
            gate = gates[tile_m, tile_n].to(torch.float32)
            slope = 2.0 * grad_out[tile_m, tile_n].to(torch.float32) * x[tile_m, tile_n].to(torch.float32) * gate * (1.0 - gate)
            acc = torch.addmm(acc, x[tile_m, tile_k].T, slope.to(x.dtype))
        grad_w[tile_k, tile_n] = acc.to(w.dtype)
    return grad_x, grad_w


class SEBlock(torch.autograd.Function):
    """`se_block` with its gradients."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
        out, gates = se_block(x, w)
        ctx.save_for_backward(x, w, gates)
        return out

    @staticmethod
    def backward(ctx: Any, *grad_outputs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        x, w, gates = ctx.saved_tensors
        return se_block_backward(grad_outputs[0], x, w, gates)


def reference(x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
    """The same in torch."""
    return 2 * x * torch.sigmoid(x @ w)


def main() -> None:
    m, n = (8192, 1024) if DEVICE.type == "cuda" else (37, 64)
    x, w = (torch.randn(s, device=DEVICE) * s[0] ** -0.25 for s in ((m, n), (n, n)))
    run_example({"se_block": SEBlock.apply}, reference, tuple(t.detach().requires_grad_() for t in (x, w)), bwd=True)


if __name__ == "__main__":
    main()
