"""Dropout that stores no mask: the backward pass draws the same random numbers again from the same seed.

To learn: `hl.rand` gives the element at a place the same number in every kernel, for every block size, on the GPU and eagerly; two kernels
that name the same extents and seed agree on what was dropped.
"""

from __future__ import annotations

import torch

import helion
import helion.language as hl
from helion.testing import DEVICE, check


@helion.kernel
def low_mem_dropout(x: torch.Tensor, p: float, seed: int) -> torch.Tensor:
    """Each element of `x` is 0 with probability `p`, else `x / (1 - p)`."""
    out = torch.empty_like(x)
    flat_x = x.reshape(-1)
    flat_out = out.view(-1)
    scale = 1.0 / (1.0 - p)
    for tile in hl.tile(flat_x.size(0)):
        kept = hl.rand([tile], seed=seed) >= p
        flat_out[tile] = torch.where(kept, flat_x[tile].to(torch.float32) * scale, 0.0).to(x.dtype)
    return out


@helion.kernel
def low_mem_dropout_backward(grad_out: torch.Tensor, p: float, seed: int) -> torch.Tensor:
    """The gradient of `x` for the same `p` and `seed`."""
    grad_x = torch.empty_like(grad_out)
    flat_grad_out = grad_out.reshape(-1)
    flat_grad_x = grad_x.view(-1)
    scale = 1.0 / (1.0 - p)
    for tile in hl.tile(flat_grad_out.size(0)):
        kept = hl.rand([tile], seed=seed) >= p
        flat_grad_x[tile] = torch.where(kept, flat_grad_out[tile].to(torch.float32) * scale, 0.0).to(grad_out.dtype)
    return grad_x


def reference(x: torch.Tensor, p: float, seed: int) -> torch.Tensor:
    """What is kept is what the kernel keeps of ones; how many that are is checked against `p`."""
    ones = torch.ones_like(x)
    kept = low_mem_dropout(ones, p, seed) != 0
    assert abs(kept.double().mean().item() - (1 - p)) < 5 * (p * (1 - p) / x.numel()) ** 0.5
    return torch.where(kept, x / (1 - p), 0.0)


def main() -> None:
    shape = (8192, 8192) if DEVICE.type == "cuda" else (37, 50)
    x = torch.randn(shape, device=DEVICE)
    check("low_mem_dropout", low_mem_dropout, reference, (x, 0.25, 123))
    check("low_mem_dropout_backward", low_mem_dropout_backward, reference, (x, 0.25, 123))


if __name__ == "__main__":
    main()
