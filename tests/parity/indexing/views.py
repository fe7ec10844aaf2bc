"""Reshapes that split and merge dims whose lengths are no powers of two, or of which one is a tile that is not full."""

from __future__ import annotations

import torch

import helion.language as hl
from tests.parity.indexing.case import IndexCase, floats


def a_split_slice(x: torch.Tensor, out: torch.Tensor) -> None:
    hl.specialize(x.size(1))
    for t in hl.tile(x.size(0)):
        out[t, :, :] = x[t, :].reshape(t, 4, 3)


def merged_slices(x: torch.Tensor, out: torch.Tensor) -> None:
    for t in hl.tile(x.size(0)):
        out[t, :] = x[t, :, :].reshape(t, x.size(1) * x.size(2)) * 2


def everything_else_merged(x: torch.Tensor, out: torch.Tensor) -> None:
    for t in hl.tile(x.size(0)):
        out[t, :] = x[t, :, :].reshape(t, -1)


def groups_of_three(x: torch.Tensor, out: torch.Tensor) -> None:
    hl.specialize(x.size(1))
    for t in hl.tile(x.size(0)):
        groups = x[t, :].reshape(t, 4, 3)
        out[t, :] = (groups - groups.mean(-1, keepdim=True)).reshape(t, 12)


def booleans_in_groups(x: torch.Tensor, out: torch.Tensor) -> None:
    hl.specialize(x.size(1))
    for t in hl.tile(x.size(0)):
        out[t, :] = (x[t, :] > 10).reshape(t, 4, 3).sum(-1)


def a_row_at_its_place(x: torch.Tensor, out: torch.Tensor) -> None:
    hl.specialize(x.size(1))
    for t in hl.tile(x.size(0), block_size=1):
        out[t.begin * 12 : t.begin * 12 + t.block_size * 12] = x[t, :].reshape(-1)


def a_tile_merged_with_a_slice(x: torch.Tensor, out: torch.Tensor) -> None:
    for t in hl.tile(x.size(0)):
        hl.atomic_add(out, [0], (x[t, :].reshape(-1) + 1).sum())


def a_slice_merged_with_a_tile(x: torch.Tensor, out: torch.Tensor) -> None:
    for t in hl.tile(x.size(1)):
        hl.atomic_add(out, [0], (x[:, t].flatten() * 2 + 1).sum())


def two_tiles_merged(x: torch.Tensor, out: torch.Tensor) -> None:
    for t, u in hl.tile(x.size()):
        flat = x[t, u].reshape(-1)
        hl.atomic_max(out, [0], (1000 - flat).amax().int())


def a_merged_dim_in_a_loop(x: torch.Tensor, out: torch.Tensor) -> None:
    for t in hl.tile(x.size(0)):
        for u in hl.tile(x.size(1)):
            flat = x[t, u].reshape(-1)
            for i in hl.grid(2):
                hl.atomic_add(out, [0], (flat + i).sum())


VIEWS = (
    IndexCase(a_split_slice, lambda: (floats(5, 12),), (5, 4, 3), lambda x, out: out.copy_(x.view(5, 4, 3))),
    IndexCase(merged_slices, lambda: (floats(5, 5, 3),), (5, 15), lambda x, out: out.copy_(x.view(5, 15) * 2)),
    IndexCase(everything_else_merged, lambda: (floats(5, 5, 3),), (5, 15), lambda x, out: out.copy_(x.view(5, 15))),
    IndexCase(
        groups_of_three,
        lambda: (floats(5, 12),),
        (5, 12),
        lambda x, out: out.copy_((x.view(5, 4, 3) - x.view(5, 4, 3).mean(-1, keepdim=True)).view(5, 12)),
    ),
    IndexCase(booleans_in_groups, lambda: (floats(5, 12),), (5, 4), lambda x, out: out.copy_((x > 10).view(5, 4, 3).sum(-1))),
    IndexCase(a_row_at_its_place, lambda: (floats(5, 12),), (60,), lambda x, out: out.copy_(x.view(-1))),
    IndexCase(a_tile_merged_with_a_slice, lambda: (floats(5, 12),), (1,), lambda x, out: out.add_((x + 1).sum())),
    IndexCase(a_slice_merged_with_a_tile, lambda: (floats(12, 5),), (1,), lambda x, out: out.add_((x * 2 + 1).sum())),
    IndexCase(two_tiles_merged, lambda: (floats(12, 5),), (1,), lambda x, out: out.copy_(torch.tensor([999])), dtype=torch.int32),
    IndexCase(a_merged_dim_in_a_loop, lambda: (floats(5, 12),), (1,), lambda x, out: out.add_((2 * x + 1).sum())),
)
