"""What the bulk tensor copy moves into shared memory begins at multiples of 128 bytes there, also in every round of a pipelined loop."""

from __future__ import annotations

import pytest
import torch

import helion
import helion.language as hl
from helion import compiler
from helion.runtime.bound_kernel import BoundKernel
from helion.target import find_target

TARGET = find_target("sm_90")


@helion.kernel
def row_sum(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty([x.size(0)], device=x.device)
    for tile_m in hl.tile(x.size(0), block_size=1):
        acc = hl.zeros([tile_m])
        for tile_n in hl.tile(x.size(1)):
            acc = acc + x[tile_m, tile_n].sum(-1)
        out[tile_m] = acc
    return out


@pytest.mark.parametrize(("length", "moved"), [(8, False), (16, False), (32, True), (64, True)])
def test_rectangles_of_less_than_128_bytes_move_by_pointers(length: int, moved: bool) -> None:
    assert TARGET is not None
    bound = BoundKernel(row_sum, (torch.zeros(16, 256),))
    space = compiler.config_space(bound.ir, TARGET)
    config = space.normalize({"block_sizes": [length], "indexing": "tensor_descriptor", "num_stages": 3})
    assert ("x_desc.load(" in compiler.generate(bound.ir, config, TARGET).text) == moved
