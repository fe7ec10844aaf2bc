"""Sums of rows that are too long for registers, three ways.

To learn: a sum over `:` is one pass or a loop, as the config says (`reduction_loops`), from the same text; a loop written by hand with
`hl.register_block_size` keeps a vector of partial sums and reduces once, at the end.
"""

from __future__ import annotations

import torch

import helion
import helion.language as hl
from helion.testing import DEVICE, check


@helion.kernel
def long_sum(x: torch.Tensor) -> torch.Tensor:
    """The sum of each row; whether in one pass or in a loop is left to the tuner."""
    m, _ = x.size()
    out = torch.empty([m], dtype=x.dtype, device=x.device)
    for tile_m in hl.tile(m):
        out[tile_m] = x[tile_m, :].to(torch.float32).sum(-1)
    return out


@helion.kernel(config=helion.Config(block_sizes=[1], reduction_loops=[1024], num_warps=8))
def long_sum_looped(x: torch.Tensor) -> torch.Tensor:
    """The same with the loop chosen: 1024 elements of a row at a time."""
    m, _ = x.size()
    out = torch.empty([m], dtype=x.dtype, device=x.device)
    for tile_m in hl.tile(m):
        out[tile_m] = x[tile_m, :].to(torch.float32).sum(-1)
    return out


@helion.kernel
def long_sum_by_hand(x: torch.Tensor) -> torch.Tensor:
    """The same with the loop written: the lanes of `partial` add up columns and meet after the loop."""
    m, n = x.size()
    out = torch.empty([m], dtype=x.dtype, device=x.device)
    block_n = hl.register_block_size(n)
    for tile_m in hl.tile(m):
        partial = hl.zeros([tile_m, block_n], dtype=torch.float32)
        for tile_n in hl.tile(n, block_size=block_n):
            partial += x[tile_m, tile_n].to(torch.float32)
        out[tile_m] = partial.sum(-1)
    return out


def main() -> None:
    shape = (64, 1 << 20) if DEVICE.type == "cuda" else (3, 5000)
    x = torch.randn(shape, device=DEVICE)
    for kernel in (long_sum, long_sum_looped, long_sum_by_hand):
        check(kernel.name, kernel, lambda x: x.sum(-1), (x,))


if __name__ == "__main__":
    main()
