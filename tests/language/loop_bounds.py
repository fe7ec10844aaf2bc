"""Loops whose bounds or steps only the run knows: read from tensors, going down, and with ends before their begins."""

from __future__ import annotations

from typing import Any

import torch

import helion
import helion.language as hl
from tests.language.program import Program

kernel = helion.kernel(autotune_effort="none", ignore_warnings=[helion.exc.BaseWarning])


@kernel
def bounds_in_tensors(x: torch.Tensor, begin: torch.Tensor, end: torch.Tensor) -> torch.Tensor:
    out = torch.zeros_like(x)
    for tile in hl.tile(begin, end):
        out[tile] = x[tile] + tile.index
    return out


@kernel
def rectangle_in_tensors(x: torch.Tensor, begin: torch.Tensor, end: torch.Tensor) -> torch.Tensor:
    out = torch.zeros_like(x)
    for tile_m, tile_n in hl.tile([begin, 2], [x.size(0), end]):
        out[tile_m, tile_n] = x[tile_m, tile_n] * 2
    return out


@kernel
def steps_to_a_tensor(x: torch.Tensor, end: torch.Tensor) -> torch.Tensor:
    out = torch.zeros_like(x)
    for i in hl.grid(1, end, 3):
        out[i] = x[i] + i
    return out


@kernel
def grid_that_goes_down(x: torch.Tensor, begin: int, end: int) -> torch.Tensor:
    out = torch.zeros_like(x)
    for i in hl.grid(begin, end, -3):
        out[i] = x[i] + i
    return out


@kernel
def step_of_the_call(x: torch.Tensor, begin: int, end: int, step: int) -> torch.Tensor:
    out = torch.zeros_like(x)
    for i in hl.grid(begin, end, step):
        out[i] = x[i] + i
    return out


@kernel
def inner_step_of_the_call(x: torch.Tensor, begin: int, end: int, step: int) -> torch.Tensor:
    out = torch.zeros_like(x)
    for _ in hl.grid(1):
        for i in range(begin, end, step):
            out[i] = x[i] + i
    return out


@kernel
def rectangle_of_the_call(x: torch.Tensor, m0: int, m1: int, n0: int, n1: int) -> torch.Tensor:
    out = torch.zeros_like(x)
    for tile_m, tile_n in hl.tile([m0, n0], [m1, n1]):
        out[tile_m, tile_n] = x[tile_m, tile_n] * 2
    return out


@kernel
def ends_of_the_call(x: torch.Tensor, m: int, n: int) -> tuple[torch.Tensor, torch.Tensor]:
    out, rows = torch.zeros_like(x), x.new_zeros([x.size(0)])
    for tile_m, tile_n in hl.tile([m, n]):
        out[tile_m, tile_n] = x[tile_m, tile_n] * 2
    for tile in hl.tile(x.size(0)):
        rows[tile] = x[tile, :].sum(-1)
    return out, rows


X, X2 = torch.randn(40), torch.randn(24, 40)


def _rows(x: torch.Tensor, *rows: int) -> torch.Tensor:
    out = torch.zeros_like(x)
    for i in range(*rows):
        out[i] = x[i] + i
    return out


def _rectangle(x: torch.Tensor, m0: int, m1: int, n0: int, n1: int) -> torch.Tensor:
    out = torch.zeros_like(x)
    if m1 > m0 and n1 > n0:
        out[m0:m1, n0:n1] = x[m0:m1, n0:n1] * 2
    return out


def _ends(x: torch.Tensor, m: int, n: int) -> tuple[torch.Tensor, torch.Tensor]:
    return _rectangle(x, 0, m, 0, n), x.sum(-1)


def _on(x: torch.Tensor, *numbers: int) -> Any:
    return lambda device: (x.to(device), *numbers)


def _in_tensors(x: torch.Tensor, *numbers: int) -> Any:
    return lambda device: (x.to(device), *(torch.tensor(number, device=device) for number in numbers))


def _numbered(program: Any, expected: Any, *calls: Any) -> tuple[Program, ...]:
    """A program for each of some calls."""
    return tuple(Program(program, make, expected, call=i) for i, make in enumerate(calls))


PROGRAMS = (
    *_numbered(
        bounds_in_tensors,
        lambda x, begin, end: _rows(x, int(begin), int(end)),
        *(_in_tensors(X, 3, 17), _in_tensors(X, 9, 9), _in_tensors(X, 30, 4)),
    ),
    *_numbered(
        rectangle_in_tensors,
        lambda x, begin, end: _rectangle(x, int(begin), x.size(0), 2, int(end)),
        *(_in_tensors(X2, 4, 7), _in_tensors(X2, 30, 1)),
    ),
    *_numbered(steps_to_a_tensor, lambda x, end: _rows(x, 1, int(end), 3), _in_tensors(X, 14), _in_tensors(X, 0)),
    *_numbered(
        grid_that_goes_down, lambda x, begin, end: _rows(x, begin, end, -3), *(_on(X, 14, 2), _on(X, 13, 1), _on(X, 12, 0), _on(X, 5, 9))
    ),
    *_numbered(step_of_the_call, _rows, *(_on(X, 14, 2, -3), _on(X, 2, 14, 3), _on(X, 14, 2, 3), _on(X, 2, 14, -3))),
    *_numbered(inner_step_of_the_call, _rows, *(_on(X, 14, 2, -3), _on(X, 2, 14, 3), _on(X, 14, 2, 3), _on(X, 2, 14, -3))),
    *_numbered(rectangle_of_the_call, _rectangle, *(_on(X2, 1, 9, 2, 30), _on(X2, 9, 2, 7, 3), _on(X2, 0, 5, 7, 3))),
    *_numbered(ends_of_the_call, _ends, *(_on(X2, 20, 30), _on(X2, -2, -3), _on(X2, -2, 5))),
)
