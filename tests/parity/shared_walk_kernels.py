"""Kernels whose programs may share out a walk over rows that only memory knows the number of, and such whose programs may not."""

from __future__ import annotations

import torch

import helion
import helion.language as hl


@helion.kernel(autotune_effort="none")
def one_axis(x: torch.Tensor, weights: torch.Tensor, offsets: torch.Tensor) -> torch.Tensor:
    """A program a group."""
    out = x.new_zeros(x.size())
    for g in hl.grid(weights.size(0)):
        start = offsets[g]
        for tile_m in hl.tile(offsets[g + 1] - start):
            out[start + tile_m.index, :] = hl.dot(x[start + tile_m.index, :], weights[g, :, :]).to(out.dtype)
    return out


@helion.kernel(autotune_effort="none")
def from_its_own_begin(x: torch.Tensor, weights: torch.Tensor, offsets: torch.Tensor) -> torch.Tensor:
    """The walk begins at the group's first row, and a tile is an index as it is."""
    out = x.new_zeros(x.size())
    for g in hl.grid(weights.size(0)):
        for tile_m in hl.tile(offsets[g], offsets[g + 1]):
            out[tile_m, :] = hl.dot(x[tile_m, :], weights[g, :, :]).to(out.dtype)
    return out


@helion.kernel(autotune_effort="none")
def last_round_wins(x: torch.Tensor, weights: torch.Tensor, offsets: torch.Tensor) -> torch.Tensor:
    """Every round writes to the same rows."""
    out = x.new_zeros(x.size())
    for g in hl.grid(weights.size(0)):
        for tile_m in hl.tile(offsets[g], offsets[g + 1]):
            product = hl.dot(x[tile_m, :], weights[g, :, :])
            hl.store(out, [g, hl.arange(out.size(1))], product.sum(0).to(out.dtype))
    return out


@helion.kernel(autotune_effort="none")
def carries(x: torch.Tensor, weights: torch.Tensor, offsets: torch.Tensor) -> torch.Tensor:
    """A sum over all rounds so far."""
    width = hl.specialize(x.size(1))
    out = x.new_zeros(x.size())
    for g in hl.grid(weights.size(0)):
        so_far = hl.zeros([width], dtype=torch.float32)
        for tile_m in hl.tile(offsets[g], offsets[g + 1]):
            product = hl.dot(x[tile_m, :], weights[g, :, :])
            so_far = so_far + product.sum(0)
            out[tile_m, :] = (product + so_far[None, :]).to(out.dtype)
    return out


@helion.kernel(autotune_effort="none")
def reads_what_it_wrote(x: torch.Tensor, weights: torch.Tensor, offsets: torch.Tensor) -> torch.Tensor:
    """A round reads rows that another wrote."""
    out = x.clone()
    for g in hl.grid(weights.size(0)):
        for tile_m in hl.tile(offsets[g], offsets[g + 1]):
            out[tile_m, :] = hl.dot(out[tile_m, :], weights[g, :, :]).to(out.dtype)
    return out


@helion.kernel(autotune_effort="none")
def writes_where_told(x: torch.Tensor, weights: torch.Tensor, offsets: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
    """Two rounds may be told the same row."""
    out = x.new_zeros(x.size())
    for g in hl.grid(weights.size(0)):
        for tile_m in hl.tile(offsets[g], offsets[g + 1]):
            out[places[tile_m], :] = hl.dot(x[tile_m, :], weights[g, :, :]).to(out.dtype)
    return out


@helion.kernel(autotune_effort="none")
def writes_after(x: torch.Tensor, weights: torch.Tensor, offsets: torch.Tensor, done: torch.Tensor) -> torch.Tensor:
    """The program does something else besides."""
    out = x.new_zeros(x.size())
    for g in hl.grid(weights.size(0)):
        for tile_m in hl.tile(offsets[g], offsets[g + 1]):
            out[tile_m, :] = hl.dot(x[tile_m, :], weights[g, :, :]).to(out.dtype)
        hl.atomic_add(done, [g], 1)
    return out
