"""Parts of tensors that the host takes by numbers of the call: where they begin, how long they are, and at which places they are split."""

from __future__ import annotations

from typing import Any

import torch

import helion
import helion.language as hl
from tests.language.arguments import randn
from tests.language.program import Program

kernel = helion.kernel(autotune_effort="none")


@kernel
def narrowed(x: torch.Tensor, start: int, length: int) -> torch.Tensor:
    part = torch.narrow(x, 1, start, length)
    out = torch.empty_like(part)
    for tile in hl.tile(part.size()):
        out[tile] = part[tile] * 2
    return out


@kernel
def narrowed_from_the_end(x: torch.Tensor, k: int) -> torch.Tensor:
    part = x.narrow(-1, -k, k).t()
    out = torch.empty_like(part)
    for tile in hl.tile(part.size()):
        out[tile] = part[tile] * 2
    return out


@kernel
def rest_of_the_rows(x: torch.Tensor, k: int) -> torch.Tensor:
    m, n = x.size()
    part = x.narrow(0, k, m - k)
    out = torch.empty([m - k, n], dtype=x.dtype, device=x.device)
    for tile in hl.tile([m - k, n]):
        out[tile] = part[tile] * 2
    return out


@kernel
def row_and_column(x: torch.Tensor, k: int) -> torch.Tensor:
    m, n = x.size()
    row, column = x.select(0, k), x[:, k]
    out = torch.empty_like(x)
    for tile_m, tile_n in hl.tile([m, n]):
        out[tile_m, tile_n] = row[tile_n][None, :] * column[tile_m][:, None]
    return out


@kernel
def one_dim_of_the_call(x: torch.Tensor, dim: int) -> torch.Tensor:
    part = x.narrow(dim, 1, 3)
    m, n = part.size()
    out = torch.empty([m, n], dtype=x.dtype, device=x.device)
    for tile_m, tile_n in hl.tile([m, n]):
        out[tile_m, tile_n] = part[tile_m, tile_n] * 2
    return out


@kernel
def windows(x: torch.Tensor, step: int) -> torch.Tensor:
    parts = x.unfold(1, 4, step)
    m, count, length = parts.size()
    out = torch.empty([m, count], dtype=x.dtype, device=x.device)
    for tile_m, tile_c in hl.tile([m, count]):
        out[tile_m, tile_c] = parts[tile_m, tile_c, :].sum(-1)
    return out


@kernel
def two_sides(x: torch.Tensor, k: int) -> tuple[torch.Tensor, torch.Tensor]:
    left, right = torch.tensor_split(x, [k], dim=1)
    lefts, rights = torch.empty_like(left), torch.empty_like(right)
    for tile in hl.tile(left.size()):
        lefts[tile] = left[tile] * 2
    for tile in hl.tile(right.size()):
        rights[tile] = right[tile] * 3
    return lefts, rights


@kernel
def two_lengths(x: torch.Tensor, k: int) -> tuple[torch.Tensor, torch.Tensor]:
    left, right = x.split([k, x.size(1) - k], dim=1)
    lefts, rights = torch.empty_like(left), torch.empty_like(right)
    for tile in hl.tile(left.size()):
        lefts[tile] = left[tile] * 2
    for tile in hl.tile(right.size()):
        rights[tile] = right[tile] * 3
    return lefts, rights


@kernel
def both_halves(x: torch.Tensor) -> torch.Tensor:
    left, right = x.chunk(2, dim=1)
    out = torch.empty_like(right)
    for tile in hl.tile(right.size()):
        out[tile] = left[tile] * right[tile]
    return out


@kernel
def diagonal_of_the_call(x: torch.Tensor, k: int) -> torch.Tensor:
    part = x.diagonal(k)
    out = torch.empty_like(part)
    for tile in hl.tile(part.size(0)):
        out[tile] = part[tile] * 2
    return out


def _two_sides(x: torch.Tensor, k: int) -> tuple[torch.Tensor, torch.Tensor]:
    return x[:, :k] * 2, x[:, k:] * 3


def _matrix(device: str, *numbers: int) -> tuple[Any, ...]:
    return randn(6, 20).to(device), *numbers


PROGRAMS = (
    Program(narrowed, lambda d: _matrix(d, 4, 7), lambda x, start, length: x[:, start : start + length] * 2),
    Program(narrowed, lambda d: _matrix(d, 19, 1), lambda x, start, length: x[:, start : start + length] * 2, call=1),
    Program(narrowed_from_the_end, lambda d: _matrix(d, 5), lambda x, k: x[:, -k:].t() * 2),
    Program(rest_of_the_rows, lambda d: _matrix(d, 2), lambda x, k: x[k:] * 2),
    Program(row_and_column, lambda d: _matrix(d, 4), lambda x, k: x[k] * x[:, k][:, None]),
    Program(one_dim_of_the_call, lambda d: _matrix(d, 0), lambda x, dim: x.narrow(dim, 1, 3) * 2),
    Program(one_dim_of_the_call, lambda d: _matrix(d, 1), lambda x, dim: x.narrow(dim, 1, 3) * 2, call=1),
    Program(windows, lambda d: _matrix(d, 3), lambda x, step: x.unfold(1, 4, step).sum(-1)),
    Program(two_sides, lambda d: _matrix(d, 5), _two_sides),
    Program(two_sides, lambda d: _matrix(d, 25), _two_sides, call=1),
    Program(two_lengths, lambda d: _matrix(d, 6), _two_sides),
    Program(both_halves, _matrix, lambda x: x[:, :10] * x[:, 10:]),
    Program(diagonal_of_the_call, lambda d: _matrix(d, 3), lambda x, k: x.diagonal(k) * 2),
    Program(diagonal_of_the_call, lambda d: _matrix(d, 17), lambda x, k: x.diagonal(k) * 2, call=1),
)
