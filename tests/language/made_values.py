"""Values that device code makes of nothing, in every spelling of torch's."""

from __future__ import annotations

import torch

import helion
import helion.language as hl
from tests.language.arguments import vector
from tests.language.program import Program

kernel = helion.kernel(autotune_effort="none")


@kernel
def made_like_a_tensor_in_memory(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        zeros = x.new_zeros([tile])
        ones = x.new_ones(tile, 4, dtype=torch.float16, device=x.device)
        threes = x.new_full([tile], 3, dtype=None)
        nothing = x.new_empty([tile])
        nothing = zeros + 1
        out[tile] = x[tile] + zeros + ones.sum(1) + threes + nothing
    return out


@kernel
def made_like_a_value(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        v = x[tile]
        likes = torch.zeros_like(v) + torch.ones_like(v, dtype=torch.int32) + torch.full_like(v, 2.5) + v.new_zeros([tile])
        plain = torch.ones(tile.block_size, 8).sum(-1) + torch.full((tile,), 1, dtype=torch.int64) + torch.zeros(tile)
        out[tile] = v + likes + plain
    return out


PROGRAMS = (
    Program(made_like_a_tensor_in_memory, vector, lambda x: x + 8),
    Program(made_like_a_value, vector, lambda x: x + 12.5),
)
