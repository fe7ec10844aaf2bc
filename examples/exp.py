"""The exponential of every element, forward and backward.

To learn: one tile loop covers a tensor of any rank, and a kernel becomes differentiable by a `torch.autograd.Function` around two kernels.
"""

from __future__ import annotations

from typing import Any

import torch

import helion
import helion.language as hl
from helion._testing import DEVICE, run_example


@helion.kernel
def exp(x: torch.Tensor) -> torch.Tensor:
    """`e ** x`, element by element."""
    out = torch.empty_like(x)
    for tile in hl.tile(x.size()):
        out[tile] = torch.exp(x[tile])
    return out


@helion.kernel
def exp_backward(grad_out: torch.Tensor, out: torch.Tensor) -> torch.Tensor:
    """The gradient of `x`; the result of the forward pass is its own derivative, so `x` need not be kept."""
    grad_x = torch.empty_like(out)
    for tile in hl.tile(out.size()):
        grad_x[tile] = grad_out[tile] * out[tile]
    return grad_x


class Exp(torch.autograd.Function):
    """`exp` with its gradient."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        out = exp(x)
        ctx.save_for_backward(out)
        return out

    @staticmethod
    def backward(ctx: Any, *grad_outputs: torch.Tensor) -> torch.Tensor:
        (out,) = ctx.saved_tensors
        return exp_backward(grad_outputs[0], out)


def main() -> None:
    shape = (4096, 4096) if DEVICE.type == "cuda" else (37, 50)
    x = torch.randn(shape, device=DEVICE, requires_grad=True)
    run_example(Exp.apply, torch.exp, (x,), bwd=True)


if __name__ == "__main__":
    main()
