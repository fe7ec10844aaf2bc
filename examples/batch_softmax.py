"""Softmax over the last dimension of a three-dimensional tensor, as between the two products of an attention.

To learn: a grid over two dimensions with `:` as the third; whether a row is held or walked is the config's choice (`reduction_loops`).
"""

from __future__ import annotations

import torch

import helion
import helion.language as hl
from helion.testing import DEVICE, check


@helion.kernel
def batch_softmax(x: torch.Tensor) -> torch.Tensor:
    """`softmax(x, dim=-1)` for `x` of three dimensions; computed in float32."""
    b, m, _ = x.size()
    out = torch.empty_like(x)
    for tile_b, tile_m in hl.tile([b, m]):
        row = x[tile_b, tile_m, :].to(torch.float32)
        weights = torch.exp(row - torch.amax(row, dim=-1, keepdim=True))
        out[tile_b, tile_m, :] = (weights / weights.sum(dim=-1, keepdim=True)).to(x.dtype)
    return out


def main() -> None:
    shape = (16, 512, 1024) if DEVICE.type == "cuda" else (2, 7, 50)
    check("batch_softmax", batch_softmax, lambda x: torch.softmax(x, dim=-1), (torch.randn(shape, device=DEVICE, dtype=torch.bfloat16),))


if __name__ == "__main__":
    main()
