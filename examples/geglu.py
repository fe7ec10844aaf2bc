"""The gated activation `gelu(gate) * up` of feed-forward networks, forward and backward.

To learn: an elementwise kernel sees any shape as one flat vector, so that a single block size is tuned; the backward pass computes the
activation again instead of keeping it; `torch.autograd.Function` makes the pair differentiable.
"""

from __future__ import annotations

from typing import Any

import torch

import helion
import helion.language as hl
from helion._testing import DEVICE, run_example

SQRT_2_OVER_PI = 0.7978845608028654
CUBIC = 0.044715


@helion.kernel
def geglu(gate: torch.Tensor, up: torch.Tensor) -> torch.Tensor:
    """`gelu(gate) * up` with the tanh approximation; computed in float32."""
    out = torch.empty_like(gate)
    flat_gate = gate.reshape(-1)
    flat_up = up.reshape(-1)
    flat_out = out.view(-1)
    assert flat_gate.size(0) == flat_up.size(0)
    for tile in hl.tile(flat_gate.size(0)):
        value = flat_gate[tile].to(torch.float32)
        activated = torch.nn.functional.gelu(value, approximate="tanh").to(gate.dtype)
        flat_out[tile] = activated * flat_up[tile]
    return out


@helion.kernel
def geglu_backward(grad_out: torch.Tensor, gate: torch.Tensor, up: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The gradients of `gate` and `up`."""
    grad_gate = torch.empty_like(gate)
    grad_up = torch.empty_like(up)
    flat_grad_gate = grad_gate.view(-1)
    flat_grad_up = grad_up.view(-1)
    flat_grad_out = grad_out.reshape(-1)
    flat_gate = gate.reshape(-1)
    flat_up = up.reshape(-1)
    assert flat_gate.size(0) == flat_up.size(0)
    assert flat_gate.size(0) == flat_grad_out.size(0)
    for tile in hl.tile(flat_gate.size(0)):
        grad = flat_grad_out[tile].to(torch.float32)
        x = flat_gate[tile].to(torch.float32)
        bend = torch.tanh(SQRT_2_OVER_PI * (x + CUBIC * x * x * x))
        slope = SQRT_2_OVER_PI * (1.0 + 3.0 * CUBIC * x * x)
        derivative = 0.5 * (1.0 + bend) + 0.5 * x * (1.0 - bend * bend) * slope
        flat_grad_gate[tile] = (grad * flat_up[tile].to(torch.float32) * derivative).to(gate.dtype)
        flat_grad_up[tile] = (grad * 0.5 * x * (1.0 + bend)).to(up.dtype)
    return grad_gate, grad_up


class GEGLU(torch.autograd.Function):
    """`geglu` with its gradients."""

    @staticmethod
    def forward(ctx: Any, gate: torch.Tensor, up: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(gate, up)
        return geglu(gate, up)

    @staticmethod
    def backward(ctx: Any, *grad_outputs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        gate, up = ctx.saved_tensors
        return geglu_backward(grad_outputs[0], gate, up)


def main() -> None:
    shape = (8, 2048, 14336) if DEVICE.type == "cuda" else (2, 7, 50)
    gate, up = (torch.randn(shape, device=DEVICE, dtype=torch.bfloat16, requires_grad=True) for _ in range(2))
    run_example(GEGLU.apply, lambda gate, up: torch.nn.functional.gelu(gate, approximate="tanh") * up, (gate, up), bwd=True)


if __name__ == "__main__":
    main()
