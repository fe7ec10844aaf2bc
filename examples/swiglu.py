"""The gated activation `silu(gate) * up` of Llama's feed-forward network, forward and backward, on the two halves of one projection.

To learn: gate and up are the halves of a single matrix's columns, read at `tile` and at `tile.index + width` without a copy; the backward
pass writes both halves of one gradient.
"""

from __future__ import annotations

from typing import Any

import torch

import helion
import helion.language as hl
from helion._testing import DEVICE, run_example


@helion.kernel
def swiglu(gate_up: torch.Tensor) -> torch.Tensor:
    """`silu(gate_up[:, :w]) * gate_up[:, w:]` for `gate_up` of `2 * w` columns; computed in float32."""
    m, columns = gate_up.size()
    width = columns // 2
    out = torch.empty([m, width], dtype=gate_up.dtype, device=gate_up.device)
    for tile_m, tile_w in hl.tile([m, width]):
        gate = gate_up[tile_m, tile_w].to(torch.float32)
        up = gate_up[tile_m, tile_w + width].to(torch.float32)
        out[tile_m, tile_w] = (gate * torch.sigmoid(gate) * up).to(out.dtype)
    return out


@helion.kernel
def swiglu_backward(grad_out: torch.Tensor, gate_up: torch.Tensor) -> torch.Tensor:
    """The gradient of `gate_up`."""
    m, columns = gate_up.size()
    width = columns // 2
    grad_gate_up = torch.empty_like(gate_up)
    for tile_m, tile_w in hl.tile([m, width]):
        grad = grad_out[tile_m, tile_w].to(torch.float32)
        gate = gate_up[tile_m, tile_w].to(torch.float32)
        up = gate_up[tile_m, tile_w + width].to(torch.float32)
        share = torch.sigmoid(gate)
        activated = gate * share
        grad_gate_up[tile_m, tile_w] = (grad * up * (share + activated * (1.0 - share))).to(gate_up.dtype)
        grad_gate_up[tile_m, tile_w + width] = (grad * activated).to(gate_up.dtype)
    return grad_gate_up


class SwiGLU(torch.autograd.Function):
    """`swiglu` with its gradient."""

    @staticmethod
    def forward(ctx: Any, gate_up: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(gate_up)
        return swiglu(gate_up)

    @staticmethod
    def backward(ctx: Any, *grad_outputs: torch.Tensor) -> torch.Tensor:
        (gate_up,) = ctx.saved_tensors
        return swiglu_backward(grad_outputs[0].contiguous(), gate_up)


def reference(gate_up: torch.Tensor) -> torch.Tensor:
    """The same in torch."""
    gate, up = gate_up.chunk(2, dim=1)
    return torch.nn.functional.silu(gate) * up


def main() -> None:
    shape = (16384, 2 * 14336) if DEVICE.type == "cuda" else (37, 100)
    gate_up = torch.randn(shape, device=DEVICE, dtype=torch.bfloat16, requires_grad=True)
    run_example(SwiGLU.apply, reference, (gate_up,), bwd=True)


if __name__ == "__main__":
    main()
