"""Layer normalization over the last dimension, forward and backward.

To learn: an optional argument and a `hl.constexpr` flag each choose code when the kernel is compiled, without a branch at run time; sums
over all rows (the gradients of weight and bias) go through partial buffers with one row a program.
"""

from __future__ import annotations

from typing import Any

import torch

import helion
import helion.language as hl
from helion._testing import DEVICE, run_example


@helion.kernel
def layer_norm(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None, eps: float = 1e-5) -> torch.Tensor:
    """`(x - mean) / sqrt(variance + eps) * weight + bias` of each row; computed in float32."""
    m, n = x.size()
    assert weight.size(0) == n
    out = torch.empty_like(x)
    for tile_m in hl.tile(m):
        row = x[tile_m, :].to(torch.float32)
        variance, mean = torch.var_mean(row, dim=-1, keepdim=True, correction=0)
        normalized = (row - mean) * torch.rsqrt(variance + eps)
        if bias is not None:
            result = normalized * weight[:].to(torch.float32) + bias[:].to(torch.float32)
        else:
            result = normalized * weight[:].to(torch.float32)
        out[tile_m, :] = result.to(x.dtype)
    return out


@helion.kernel(ignore_warnings=[helion.exc.TensorOperationInWrapper])
def layer_norm_backward(
    grad_out: torch.Tensor, x: torch.Tensor, weight: torch.Tensor, with_bias: hl.constexpr = True, eps: float = 1e-5
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor | None]:
    """The gradients of `x`, `weight` and, `with_bias`, of the bias; the statistics are computed again rather than kept."""
    m, n = x.size()
    n = hl.specialize(n)
    assert weight.size(0) == n
    grad_x = torch.empty_like(x)
    rows = hl.register_block_size(m)
    weight_parts = torch.empty([helion.cdiv(m, rows), n], dtype=torch.float32, device=x.device)
    bias_parts = torch.empty([helion.cdiv(m, rows), n], dtype=torch.float32, device=x.device)
    for tile_rows in hl.tile(m, block_size=rows):
        grad_weight = hl.zeros([n], dtype=torch.float32)
        grad_bias = hl.zeros([n], dtype=torch.float32)
        scales = weight[:].to(torch.float32)
        for tile_m in hl.tile(tile_rows.begin, tile_rows.end):
            row = x[tile_m, :].to(torch.float32)
            grad = grad_out[tile_m, :].to(torch.float32)
            variance, mean = torch.var_mean(row, dim=-1, keepdim=True, correction=0)
            rstd = torch.rsqrt(variance + eps)
            normalized = (row - mean) * rstd
            grad_weight += (grad * normalized).sum(0)
            if with_bias:
                grad_bias += grad.sum(0)
            grad_normalized = grad * scales
            along = torch.mean(grad_normalized * normalized, dim=-1, keepdim=True)
            level = torch.mean(grad_normalized, dim=-1, keepdim=True)
            grad_x[tile_m, :] = ((grad_normalized - normalized * along - level) * rstd).to(x.dtype)
        weight_parts[tile_rows.id, :] = grad_weight
        if with_bias:
            bias_parts[tile_rows.id, :] = grad_bias
    if with_bias:
        return grad_x, weight_parts.sum(0).to(weight.dtype), bias_parts.sum(0).to(weight.dtype)
    return grad_x, weight_parts.sum(0).to(weight.dtype), None


class LayerNorm(torch.autograd.Function):
    """`layer_norm` with its gradients; the bias may be None."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None) -> torch.Tensor:
        ctx.save_for_backward(x, weight)
        ctx.with_bias = bias is not None
        return layer_norm(x, weight, bias)

    @staticmethod
    def backward(ctx: Any, *grad_outputs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor | None]:
        x, weight = ctx.saved_tensors
        return layer_norm_backward(grad_outputs[0], x, weight, ctx.with_bias)


def reference(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None) -> torch.Tensor:
    """Torch's own."""
    return torch.nn.functional.layer_norm(x, [x.size(-1)], weight, bias)


def main() -> None:
    m, n = (4096, 10240) if DEVICE.type == "cuda" else (37, 300)
    dtype = torch.bfloat16 if DEVICE.type == "cuda" else torch.float32  # a CPU adds bf16 up in bf16
    x = torch.randn(m, n, device=DEVICE, dtype=dtype, requires_grad=True)
    weight, bias = (torch.randn(n, device=DEVICE, dtype=dtype, requires_grad=True) for _ in range(2))
    run_example(LayerNorm.apply, reference, (x, weight, bias), kernel_name="layer_norm", bwd=True)
    run_example(LayerNorm.apply, reference, (x, weight, None), kernel_name="layer_norm without bias", bwd=True)


if __name__ == "__main__":
    main()
