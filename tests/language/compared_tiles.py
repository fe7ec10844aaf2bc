"""Loops whose indices are compared with those of a tile around them: rounds in which all lanes compare alike run without comparing."""

from __future__ import annotations

import torch

import helion
import helion.language as hl
from tests.language.program import Program

kernel = helion.kernel(autotune_effort="none")


@kernel
def sums_up_to(x: torch.Tensor) -> torch.Tensor:
    n = x.size(0)
    out = torch.empty_like(x)
    for tile_m in hl.tile(n, block_size=8):
        acc = hl.zeros([tile_m], dtype=torch.float32)
        for tile_n in hl.tile(0, tile_m.end, block_size=4):
            rows = x[tile_n][None, :] + acc[:, None] * 0
            acc += torch.where(tile_m.index[:, None] >= tile_n.index[None, :], rows, 0.0).sum(1)
        out[tile_m] = acc
    return out


@kernel
def sums_below(x: torch.Tensor) -> torch.Tensor:
    n = x.size(0)
    out = torch.empty_like(x)
    for tile_m in hl.tile(n, block_size=4):
        acc = hl.zeros([tile_m], dtype=torch.float32)
        for tile_n in hl.tile(n, block_size=16):
            rows = x[tile_n][None, :] + acc[:, None] * 0
            acc += torch.where(tile_n.index[None, :] < tile_m.index[:, None], rows, 0.0).sum(1)
        out[tile_m] = acc
    return out


@kernel
def sums_from(x: torch.Tensor) -> torch.Tensor:
    n = x.size(0)
    out = torch.empty_like(x)
    for tile_m in hl.tile(n, block_size=8):
        acc = hl.zeros([tile_m], dtype=torch.float32)
        for tile_n in hl.tile(tile_m.begin, n, block_size=4):
            rows = x[tile_n][None, :] + acc[:, None] * 0
            acc += torch.where(tile_n.index[None, :] >= tile_m.index[:, None], rows, 0.0).sum(1)
        out[tile_m] = acc
    return out


@kernel
def sums_above_shifted(x: torch.Tensor, shift: int) -> torch.Tensor:
    n = x.size(0)
    out = torch.empty_like(x)
    for tile_m in hl.tile(n, block_size=8):
        acc = hl.zeros([tile_m], dtype=torch.float32)
        for tile_n in hl.tile(3, n, block_size=8):
            rows = x[tile_n][None, :] + acc[:, None] * 0
            acc += torch.where(tile_n.index[None, :] - shift > tile_m.index[:, None] + 2, rows, 0.0).sum(1)
        out[tile_m] = acc
    return out


@kernel
def sums_up_to_shifted(x: torch.Tensor, shift: int) -> torch.Tensor:
    n = x.size(0)
    out = torch.empty_like(x)
    for tile_m in hl.tile(n, block_size=8):
        acc = hl.zeros([tile_m], dtype=torch.float32)
        seen_from = tile_m.index[:, None] + shift
        for tile_n in hl.tile(5, n, block_size=8):
            rows = x[tile_n][None, :] + acc[:, None] * 0
            acc += torch.where(tile_n.index[None, :] <= seen_from, rows, 0.0).sum(1)
        out[tile_m] = acc
    return out


@kernel
def one_of_two_comparisons(x: torch.Tensor) -> torch.Tensor:
    """Only one place to split at: the other comparison stays."""
    n = x.size(0)
    out = torch.empty_like(x)
    for tile_m in hl.tile(n, block_size=8):
        acc = hl.zeros([tile_m], dtype=torch.float32)
        for tile_n in hl.tile(n, block_size=8):
            rows = x[tile_n][None, :] + acc[:, None] * 0
            near = torch.where(tile_m.index[:, None] >= tile_n.index[None, :], rows, 1.0)
            acc += torch.where(tile_n.index[None, :] > tile_m.index[:, None] - 9, near, 0.0).sum(1)
        out[tile_m] = acc
    return out


def _numbers(device: str) -> tuple[torch.Tensor]:
    return (torch.randn(45, generator=torch.Generator().manual_seed(0)).to(device),)


def _shifted(by: int) -> object:
    return lambda device: (*_numbers(device), by)


def _sums(x: torch.Tensor, seen: torch.Tensor, other: float = 0.0) -> torch.Tensor:
    return torch.where(seen, x[None, :], other).sum(1)


def _grid(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    places = torch.arange(len(x), device=x.device)
    return places[:, None], places[None, :]


def _above_shifted(x: torch.Tensor, shift: int) -> torch.Tensor:
    m, n = _grid(x)
    return _sums(x, (n - shift > m + 2) & (n >= 3))


def _up_to_shifted(x: torch.Tensor, shift: int) -> torch.Tensor:
    m, n = _grid(x)
    return _sums(x, (n <= m + shift) & (n >= 5))


def _one_of_two(x: torch.Tensor) -> torch.Tensor:
    m, n = _grid(x)
    return torch.where(n > m - 9, torch.where(m >= n, x[None, :], 1.0), 0.0).sum(1)


PROGRAMS = (
    Program(sums_up_to, _numbers, lambda x: _sums(x, _grid(x)[0] >= _grid(x)[1])),
    Program(sums_below, _numbers, lambda x: _sums(x, _grid(x)[1] < _grid(x)[0])),
    Program(sums_from, _numbers, lambda x: _sums(x, _grid(x)[1] >= _grid(x)[0])),
    Program(sums_above_shifted, _shifted(5), _above_shifted),
    Program(sums_up_to_shifted, _shifted(-7), _up_to_shifted),
    Program(one_of_two_comparisons, _numbers, _one_of_two),
)
