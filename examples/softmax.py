"""Softmax over rows, three ways: torch's function, its parts, and an online version that never holds a row; and the gradient.

To learn: the same mathematics on whole rows (`:`) and on tiles of rows, where a running maximum and sum are carried through the loop.
"""

from __future__ import annotations

import torch

import helion
import helion.language as hl
from helion.testing import DEVICE, check


@helion.kernel
def softmax(x: torch.Tensor) -> torch.Tensor:
    """Softmax of each row, by torch's own function on a whole row."""
    m, n = x.size()
    out = torch.empty_like(x)
    for tile_m in hl.tile(m):
        out[tile_m, :] = torch.softmax(x[tile_m, :], dim=1)
    return out


@helion.kernel
def softmax_decomposed(x: torch.Tensor) -> torch.Tensor:
    """The same, spelled out."""
    m, n = x.size()
    out = torch.empty_like(x)
    for tile_m in hl.tile(m):
        row = x[tile_m, :].to(torch.float32)
        top = torch.amax(row, dim=1, keepdim=True)
        weights = torch.exp(row - top)
        out[tile_m, :] = weights / weights.sum(dim=1, keepdim=True)
    return out


@helion.kernel
def softmax_two_pass(x: torch.Tensor) -> torch.Tensor:
    """Two walks over each row: one for the maximum and the normalizer together, one to write."""
    m, n = x.size()
    out = torch.empty_like(x)
    for tile_m in hl.tile(m):
        top = hl.full([tile_m], float("-inf"), dtype=torch.float32)
        total = hl.zeros([tile_m], dtype=torch.float32)
        for tile_n in hl.tile(n):
            values = x[tile_m, tile_n].to(torch.float32)
            new_top = torch.maximum(top, torch.amax(values, dim=1))
            total = total * torch.exp(top - new_top) + torch.exp(values - new_top[:, None]).sum(dim=1)
            top = new_top
        for tile_n in hl.tile(n):
            values = x[tile_m, tile_n].to(torch.float32)
            out[tile_m, tile_n] = torch.exp(values - top[:, None]) / total[:, None]
    return out


@helion.kernel
def softmax_backward(grad_out: torch.Tensor, out: torch.Tensor) -> torch.Tensor:
    """The gradient of `x` from the result of the forward pass: `(grad_out - sum(grad_out * out)) * out`."""
    m, n = out.size()
    assert grad_out.size(0) == m
    assert grad_out.size(1) == n
    grad_x = torch.empty_like(out)
    for tile_m in hl.tile(m):
        weights = out[tile_m, :].to(torch.float32)
        grad = grad_out[tile_m, :].to(torch.float32)
        inner = (grad * weights).sum(dim=1, keepdim=True)
        grad_x[tile_m, :] = ((grad - inner) * weights).to(out.dtype)
    return grad_x


def reference_backward(grad_out: torch.Tensor, out: torch.Tensor) -> torch.Tensor:
    """What torch's autograd runs."""
    return torch.ops.aten._softmax_backward_data(grad_out, out, 1, out.dtype)


def main() -> None:
    shape = (4096, 8192) if DEVICE.type == "cuda" else (37, 300)
    x = torch.randn(shape, device=DEVICE, dtype=torch.bfloat16)
    for kernel in (softmax, softmax_decomposed, softmax_two_pass):
        check(kernel.name, kernel, lambda x: torch.softmax(x, dim=1), (x,))
    check("softmax_backward", softmax_backward, reference_backward, (torch.randn_like(x), torch.softmax(x, dim=1)))


if __name__ == "__main__":
    main()
