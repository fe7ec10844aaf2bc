"""Kernels with random numbers of a seed of their own: the same for every block size, in reference mode, interpreted and on a GPU."""

from __future__ import annotations

from typing import Any

import torch

import helion.language as hl
from helion.ops.philox import as_uniform, philox
from tests.parity.op_cases import OpCase


def uniform(x: torch.Tensor, seed: int) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        out[tile] = hl.rand([tile], seed)
    return out


def uniform_of_three(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tiles in hl.tile(x.size()):
        out[tiles] = hl.rand(tiles, 42)
    return out


def uniform_with_whole_rows(x: torch.Tensor, seed: torch.Tensor) -> torch.Tensor:
    """A seed from memory; a dimension that is no tile."""
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        drawn = hl.rand([tile, x.size(1)], seed[0])
        out[tile, :] = torch.where(x[tile, :] > 0, drawn, hl.rand([tile, x.size(1)], seed))
    return out


def uniform_at(x: torch.Tensor, seed: int) -> torch.Tensor:
    out = torch.empty_like(x, dtype=torch.float32)
    for tile in hl.tile(x.size(0)):
        out[tile] = hl.rand([tile], seed, offsets=x[tile])
    return out


def uniform_in_loops(x: torch.Tensor, seed: int) -> torch.Tensor:
    """A part of a loop, and a loop inside the program."""
    m, n = x.size()
    out = torch.zeros_like(x)
    for tile_m in hl.tile(3, m):
        for tile_n in hl.tile(n):
            out[tile_m, tile_n] = hl.rand([tile_m, tile_n], seed)
    return out


def integers(x: torch.Tensor, low: int, high: int) -> tuple[torch.Tensor, torch.Tensor]:
    narrow, wide = torch.empty_like(x), torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        narrow[tile] = hl.randint([tile], -5, 5, seed=7)
        wide[tile] = hl.randint([tile], low, high, 8)
    return narrow, wide


def four_at_once(x: torch.Tensor) -> tuple[torch.Tensor, ...]:
    a, b, c, d = (torch.empty_like(x, dtype=torch.float32) for _ in range(4))
    for tile in hl.tile(x.size(0)):
        a[tile], b[tile], c[tile], d[tile] = hl.rand4x(11, x[tile])
    return a, b, c, d


def _uniform(count: int, seed: int) -> torch.Tensor:
    return as_uniform(philox(seed, torch.arange(count))[0])


def _in_range(count: int, low: int, high: int, seed: int) -> torch.Tensor:
    bits = philox(seed, torch.arange(count))[0].tolist()
    return torch.tensor([low + (b * (high - low) >> 32) for b in bits], dtype=torch.int32)


def _two_seeds(generator: torch.Generator) -> tuple[Any, ...]:
    return torch.randn(5, 13, generator=generator), torch.tensor([2**40 + 3])


def _places(generator: torch.Generator) -> tuple[Any, ...]:
    return torch.randint(0, 2**40, (53,), generator=generator), 9


def _from_third_row(x: torch.Tensor, seed: int) -> torch.Tensor:
    found = _uniform(x.numel(), seed).reshape(x.shape)
    found[:3] = 0
    return found


CASES = (
    OpCase("rand", uniform, lambda g: (torch.zeros(53), 5), lambda x, seed: _uniform(53, seed).to(x.device), 0),
    OpCase("rand", uniform, lambda g: (torch.zeros(53), -5), lambda x, seed: _uniform(53, seed).to(x.device), 0, static_shapes=False),
    OpCase(
        "rand of three tiles",
        uniform_of_three,
        lambda g: (torch.zeros(3, 7, 11),),
        lambda x: _uniform(231, 42).reshape(3, 7, 11).to(x.device),
        0,
    ),
    OpCase(
        "rand with whole rows", uniform_with_whole_rows, _two_seeds, lambda x, s: _uniform(65, 2**40 + 3).reshape(5, 13).to(x.device), 0
    ),
    OpCase("rand in loops", uniform_in_loops, lambda g: (torch.zeros(13, 11), 3), lambda x, s: _from_third_row(x, s).to(x.device), 0),
    OpCase("rand at offsets", uniform_at, _places, lambda x, seed: as_uniform(philox(seed, x)[0]), 0),
    OpCase(
        "randint",
        integers,
        lambda g: (torch.zeros(53, dtype=torch.int32), -(2**31), 2**31 - 1),
        lambda x, low, high: (_in_range(53, -5, 5, 7).to(x.device), _in_range(53, low, high, 8).to(x.device)),
        0,
    ),
    OpCase("rand4x", four_at_once, lambda g: (torch.arange(53),), lambda x: tuple(as_uniform(bits) for bits in philox(11, x)), 0),
)
