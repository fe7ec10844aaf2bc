"""Kernels that put elements at places along a whole dimension."""

from __future__ import annotations

import torch

import helion.language as hl
from tests.parity.op_cases import OpCase

_REDUCTIONS = ("sum", "prod", "amax", "amin", "mean")


def scattered(x: torch.Tensor, places: torch.Tensor, y: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """Every element of a row at a place of its own, or at none."""
    assert places.shape == y.shape
    put, zeroed, one = torch.empty_like(x), torch.empty_like(x), torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        v, p, w = x[tile, :], places[tile, :], y[tile, :]
        put[tile, :] = torch.scatter(v, 1, p, w)
        zeroed[tile, :] = v.scatter(-1, p, 0)
        one[tile, :] = torch.select_scatter(v, y[tile, 0], 1, -2)
    return put, zeroed, one


def reduced(x: torch.Tensor, places: torch.Tensor, y: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """Several elements at one place."""
    added = torch.empty_like(x)
    found = x.new_empty(2 * len(_REDUCTIONS), x.size(0), x.size(1))
    for tile in hl.tile(x.size(0)):
        v, p, w = x[tile, :], places[tile, :], y[tile, :]
        added[tile, :] = v.scatter_add(1, p, w)
        for i, name in enumerate(_REDUCTIONS):
            found[i, tile, :] = torch.scatter_reduce(v, 1, p, w, name)
            found[i + len(_REDUCTIONS), tile, :] = v.scatter_reduce(1, p, w, reduce=name, include_self=False)
    return added, found


def indexed(x: torch.Tensor, places: torch.Tensor, y: torch.Tensor) -> tuple[torch.Tensor, ...]:
    added, copied, filled = torch.empty_like(x), torch.empty_like(x), torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        v, w = x[tile, :], y[tile, :]
        added[tile, :] = torch.index_add(v, 1, places[:], w, alpha=2)
        copied[tile, :] = v.index_copy(1, places[:], w)
        filled[tile, :] = v.index_fill(1, places[:], 4)
    return added, copied, filled


def _scattered(x: torch.Tensor, places: torch.Tensor, y: torch.Tensor) -> tuple[torch.Tensor, ...]:
    return x.scatter(1, places, y), x.scatter(1, places, 0), torch.select_scatter(x, y[:, 0], 1, -2)


def _reduced(x: torch.Tensor, places: torch.Tensor, y: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    found = [x.scatter_reduce(1, places, y, name, include_self=itself) for itself in (True, False) for name in _REDUCTIONS]
    return x.scatter_add(1, places, y), torch.stack(found)


def _indexed(x: torch.Tensor, places: torch.Tensor, y: torch.Tensor) -> tuple[torch.Tensor, ...]:
    return x.index_add(1, places, y, alpha=2), x.index_copy(1, places, y), x.index_fill(1, places, 4)


def _numbers(generator: torch.Generator, *shape: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    """Small eighths, or whole numbers: sums and products of few are exact in any order."""
    drawn = torch.randint(-6, 7, shape, generator=generator)
    return (drawn / 2).to(dtype) if dtype.is_floating_point else drawn.to(dtype)


def _different_places(generator: torch.Generator) -> tuple[torch.Tensor, ...]:
    places = torch.stack([torch.randperm(13, generator=generator)[:6] for _ in range(5)])
    return _numbers(generator, 5, 13), places, _numbers(generator, 5, 6)


def _any_places(generator: torch.Generator, dtype: torch.dtype = torch.float32) -> tuple[torch.Tensor, ...]:
    places = torch.randint(0, 13, (5, 6), generator=generator)
    return _numbers(generator, 5, 13, dtype=dtype), places, _numbers(generator, 5, 6, dtype=dtype)


def _integers(generator: torch.Generator) -> tuple[torch.Tensor, ...]:
    return _any_places(generator, torch.int32)


def _one_row_of_places(generator: torch.Generator) -> tuple[torch.Tensor, ...]:
    return _numbers(generator, 5, 13), torch.randperm(13, generator=generator)[:6], _numbers(generator, 5, 6)


CASES = (
    OpCase("scatter", scattered, _different_places, _scattered, draws=2),
    OpCase("scatter", scattered, _different_places, _scattered, static_shapes=False, draws=1),
    OpCase("scatter with reductions", reduced, _any_places, _reduced, draws=2),
    OpCase("scatter of integers with reductions", reduced, _integers, _reduced, draws=1),
    OpCase("index_add, index_copy and index_fill", indexed, _one_row_of_places, _indexed, draws=2),
)
