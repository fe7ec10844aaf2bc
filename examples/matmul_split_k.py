"""Matrix multiplication whose inner dimension is shared out among programs, for products with few output tiles and a long sum.

To learn: `hl.register_tunable` makes a number of the algorithm (into how many parts to split) a key of the config; an outer tile of K is
walked by tiles of its own range (`hl.tile(outer.begin, outer.end)`); partial sums meet in memory by `hl.atomic_add`, and what is to be
added once is added by the part that begins at 0.
"""

from __future__ import annotations

from collections.abc import Callable

import torch

import helion
import helion.language as hl
from helion.autotuner import PowerOfTwoFragment
from helion.testing import DEVICE, check


def no_epilogue(acc: torch.Tensor, tile: tuple[hl.Tile, hl.Tile]) -> torch.Tensor:
    """Leaves the sum as it is."""
    return acc


@helion.kernel
def matmul_split_k(
    x: torch.Tensor, y: torch.Tensor, epilogue: Callable[[torch.Tensor, tuple[hl.Tile, hl.Tile]], torch.Tensor] = no_epilogue
) -> torch.Tensor:
    """`epilogue(x @ y, tile)` for an epilogue that adds something, such as a bias: it sees one of the partial sums."""
    m, k = x.size()
    k2, n = y.size()
    assert k == k2
    out = torch.zeros([m, n], dtype=torch.promote_types(x.dtype, y.dtype), device=x.device)
    split_k = hl.register_tunable("split_k", PowerOfTwoFragment(1, 256, 64))
    part = helion.next_power_of_2(helion.cdiv(k, split_k))
    for tile_m, tile_n, outer_k in hl.tile([m, n, k], block_size=[None, None, part]):
        acc = hl.zeros([tile_m, tile_n], dtype=torch.float32)
        for inner_k in hl.tile(outer_k.begin, outer_k.end):
            acc = torch.addmm(acc, x[tile_m, inner_k], y[inner_k, tile_n])
        if outer_k.begin == 0:
            acc = epilogue(acc, (tile_m, tile_n))
        hl.atomic_add(out, [tile_m, tile_n], acc)
    return out


def main() -> None:
    m, k, n = (64, 32768, 64) if DEVICE.type == "cuda" else (16, 300, 37)
    x = torch.randn(m, k, device=DEVICE, dtype=torch.float32)
    y = torch.randn(k, n, device=DEVICE, dtype=torch.float32)
    bias = torch.randn(n, device=DEVICE, dtype=torch.float32)
    check("matmul_split_k", matmul_split_k, torch.matmul, (x, y))
    check(
        "matmul_split_k with bias",
        lambda x, y: matmul_split_k(x, y, lambda acc, tile: acc + bias[tile[1]]),
        lambda x, y: torch.addmm(bias, x, y),
        (x, y),
    )


if __name__ == "__main__":
    main()
