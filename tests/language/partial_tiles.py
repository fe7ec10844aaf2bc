"""Values as long as a block meet those of a last tile that is shorter: only the lanes that the tile has are seen."""

from __future__ import annotations

import torch

import helion
import helion.language as hl
from tests.language.arguments import matrix, randn, vector
from tests.language.program import Program

kernel = helion.kernel(autotune_effort="none")


@kernel
def lane_numbers(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0), block_size=16):
        out[tile] = x[tile] * hl.arange(tile.block_size)
    return out


@kernel
def sum_with_lane_numbers(x: torch.Tensor) -> torch.Tensor:
    out = x.new_empty([3])
    for tile in hl.tile(x.size(0), block_size=16):
        out[tile.id] = (x[tile] * hl.arange(tile.block_size)).sum() / tile.block_size
    return out


@kernel
def values_of_block_length(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0), block_size=16):
        two = hl.full([tile.block_size], 2.0)
        two += x[tile]
        out[tile] = torch.where(hl.arange(tile.block_size) > 3, two, x[tile])
    return out


@kernel
def slice_beyond_the_loop(x: torch.Tensor) -> torch.Tensor:
    out = torch.zeros_like(x)
    for tile in hl.tile(30, block_size=16):
        rows = x[tile.begin : tile.begin + tile.block_size]
        out[tile] = rows * 2
        out[tile] += rows + x[tile]
    return out


@kernel
def mask_of_one_row(x: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """The mask is a comparison of scalars, beside that of a partial tile."""
    out = torch.zeros_like(x)
    for row, tile in hl.tile([x.size(0), x.size(1)], block_size=[1, None]):
        taken = (weights[row] > 0)[:, None]
        hl.store(out, [row, tile], hl.load(x, [row, tile], extra_mask=taken) + 1, extra_mask=taken)
    return out


PROGRAMS = (
    Program(
        mask_of_one_row,
        lambda d: (*matrix(d), randn(13, seed=1).to(d)),
        lambda x, w: torch.where((w > 0)[:, None], x + 1, torch.zeros_like(x)),
    ),
    Program(lane_numbers, vector, lambda x: x * (torch.arange(45, device=x.device) % 16)),
    Program(
        sum_with_lane_numbers,
        vector,
        lambda x: torch.nn.functional.pad(x * (torch.arange(45, device=x.device) % 16), (0, 3)).view(3, 16).sum(1) / 16,
    ),
    Program(values_of_block_length, vector, lambda x: torch.where(torch.arange(45, device=x.device) % 16 > 3, x + 2, x)),
    Program(slice_beyond_the_loop, vector, lambda x: torch.cat([x[:30] * 4, x[30:] * 0])),
)
