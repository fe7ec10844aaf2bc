"""Root-mean-square normalization over the last dimension, forward and backward.

To learn: the gradient of the weight is a sum over all rows, which no program sees. Each program adds up its own rows in registers and
writes one row of a partial buffer (`tile.id`), sized on the host by a registered block size; the host adds those up.
"""

from __future__ import annotations

from typing import Any

import torch

import helion
import helion.language as hl
from helion._testing import DEVICE, run_example


@helion.kernel
def rms_norm(x: torch.Tensor, weight: torch.Tensor, eps: float = 1e-5) -> torch.Tensor:
    """`x / sqrt(mean(x ** 2) + eps) * weight` of each row; computed in float32."""
    m, n = x.size()
    assert weight.size(0) == n
    out = torch.empty_like(x)
    for tile_m in hl.tile(m):
        row = x[tile_m, :].to(torch.float32)
        scale = torch.rsqrt(torch.mean(row * row, dim=-1) + eps)
        out[tile_m, :] = (row * scale[:, None] * weight[:].to(torch.float32)).to(out.dtype)
    return out


@helion.kernel(ignore_warnings=[helion.exc.TensorOperationInWrapper])
def rms_norm_backward(
    grad_out: torch.Tensor, x: torch.Tensor, weight: torch.Tensor, eps: float = 1e-5
) -> tuple[torch.Tensor, torch.Tensor]:
    """The gradients of `x` and `weight`."""
    m, n = x.size()
    n = hl.specialize(n)
    assert weight.size(0) == n
    grad_x = torch.empty_like(x)
    rows = hl.register_block_size(m)
    partial = torch.empty([helion.cdiv(m, rows), n], dtype=torch.float32, device=x.device)
    for tile_rows in hl.tile(m, block_size=rows):
        grad_weight = hl.zeros([n], dtype=torch.float32)
        scales = weight[:].to(torch.float32)
        for tile_m in hl.tile(tile_rows.begin, tile_rows.end):
            row = x[tile_m, :].to(torch.float32)
            grad = grad_out[tile_m, :].to(torch.float32)
            rstd = torch.rsqrt(torch.mean(row * row, dim=-1, keepdim=True) + eps)
            normalized = row * rstd
            grad_weight += (grad * normalized).sum(0)
            grad_normalized = grad * scales
            along = torch.mean(grad_normalized * normalized, dim=-1, keepdim=True)
            grad_x[tile_m, :] = ((grad_normalized - normalized * along) * rstd).to(x.dtype)
        partial[tile_rows.id, :] = grad_weight
    return grad_x, partial.sum(0).to(weight.dtype)


class RMSNorm(torch.autograd.Function):
    """`rms_norm` with its gradients."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(x, weight)
        return rms_norm(x, weight)

    @staticmethod
    def backward(ctx: Any, *grad_outputs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        x, weight = ctx.saved_tensors
        return rms_norm_backward(grad_outputs[0], x, weight)


def main() -> None:
    m, n = (16384, 8192) if DEVICE.type == "cuda" else (37, 300)
    dtype = torch.bfloat16 if DEVICE.type == "cuda" else torch.float32  # a CPU adds bf16 up in bf16
    x = torch.randn(m, n, device=DEVICE, dtype=dtype, requires_grad=True)
    weight = torch.randn(n, device=DEVICE, dtype=dtype, requires_grad=True)
    run_example(RMSNorm.apply, lambda x, w: torch.nn.functional.rms_norm(x, [x.size(-1)], w, 1e-5), (x, weight), bwd=True)


if __name__ == "__main__":
    main()
