"""Kernels that sort and pick."""

from __future__ import annotations

from typing import Any

import torch

import helion.language as hl
from tests.parity.op_cases import OpCase


def sort_rows(x: torch.Tensor) -> tuple[torch.Tensor, ...]:
    values, places = torch.empty_like(x), torch.empty(x.shape, dtype=torch.int64, device=x.device)
    down, order = torch.empty_like(x), torch.empty_like(places)
    for tile in hl.tile(x.size(0)):
        v = x[tile, :]
        values[tile, :], places[tile, :] = torch.sort(v, dim=-1)
        down[tile, :] = v.sort(1, descending=True).values
        order[tile, :] = v.argsort(1)
    return values, places, down, order


def sort_columns(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(1)):
        out[:, tile] = torch.sort(x[:, tile], 0)[0]
    return out


def sort_tile(x: torch.Tensor) -> torch.Tensor:
    """Along a tile that reaches past the end."""
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0), block_size=8):
        out[tile] = torch.sort(x[tile] - 10)[0]
    return out


def largest(x: torch.Tensor) -> tuple[torch.Tensor, ...]:
    values, places = x.new_empty(x.size(0), 3), torch.empty(x.size(0), 3, dtype=torch.int64, device=x.device)
    smallest, one = x.new_empty(x.size(0), 4), x.new_empty(x.size(0), 1)
    total = x.new_empty(x.size(0))
    for tile in hl.tile(x.size(0)):
        v = x[tile, :]
        values[tile, :], places[tile, :] = torch.topk(v, 3, dim=-1)
        smallest[tile, :] = v.topk(4, largest=False).values
        one[tile, :] = v.topk(1)[0]
        total[tile] = torch.topk(v, 3)[0].sum(1)
    return values, places, smallest, one, total


def pick(x: torch.Tensor, index: torch.Tensor) -> tuple[torch.Tensor, ...]:
    picked, ordered = x.new_empty(index.shape), torch.empty_like(x)
    first = x.new_empty(x.size(0), 1)
    for tile in hl.tile(x.size(0)):
        v = x[tile, :]
        picked[tile, :] = torch.gather(v, 1, index[tile, :])
        ordered[tile, :] = v.gather(-1, v.argsort(1))
        first[tile, :] = torch.gather(v, 1, v.argmax(1, keepdim=True))
    return picked, ordered, first


def one_hot(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty(x.shape, dtype=torch.int64, device=x.device)
    for tile in hl.tile(x.size(0)):
        out[tile, :] = torch.nn.functional.one_hot(x[tile, :].argmax(1), x.size(1)) + torch.arange(x.size(1))
    return out


def _rows(*shape: int, dtype: torch.dtype = torch.float32) -> Any:
    return lambda generator: (torch.randn(shape, generator=generator).to(dtype),)


def _with_nan(generator: torch.Generator) -> tuple[torch.Tensor]:
    x = torch.randn(5, 13, generator=generator)
    x[1, 4], x[3, 12] = float("nan"), float("inf")
    return (x,)


def _with_index(generator: torch.Generator) -> tuple[torch.Tensor, ...]:
    return torch.randn(5, 13, generator=generator), torch.randint(0, 13, (5, 13), generator=generator)


def _sorted(x: torch.Tensor) -> tuple[torch.Tensor, ...]:
    up = torch.sort(x, dim=1, stable=True)
    return *up, x.sort(1, descending=True).values, up.indices


def _largest(x: torch.Tensor) -> tuple[torch.Tensor, ...]:
    values, places = torch.sort(x, dim=1, descending=True, stable=True)
    return values[:, :3], places[:, :3], x.sort(1).values[:, :4], values[:, :1], values[:, :3].sum(1)


def _picked(x: torch.Tensor, index: torch.Tensor) -> tuple[torch.Tensor, ...]:
    return x.gather(1, index), x.sort(1).values, x.amax(1, keepdim=True)


CASES = (
    OpCase("sort", sort_rows, _rows(5, 13), _sorted),
    OpCase("sort", sort_rows, _rows(5, 13), _sorted, static_shapes=False, draws=2),
    OpCase("sort with NaN", sort_rows, _with_nan, _sorted, draws=1),
    OpCase("sort of equal elements", sort_rows, lambda g: (torch.randint(-2, 3, (5, 13), generator=g),), _sorted, draws=1),
    OpCase("sort of bfloat16", sort_rows, _rows(5, 16, dtype=torch.bfloat16), _sorted, draws=1),
    OpCase("sort of one column", sort_rows, _rows(5, 1), _sorted, draws=1),
    OpCase("sort of columns", sort_columns, _rows(13, 5), lambda x: x.sort(0).values),
    OpCase("sort of a tile", sort_tile, _rows(13), lambda x: torch.cat([(x[:8] - 10).sort().values, (x[8:] - 10).sort().values])),
    OpCase("topk", largest, _rows(5, 13), _largest),
    OpCase("topk", largest, _rows(5, 13), _largest, static_shapes=False, draws=2),
    OpCase("gather", pick, _with_index, _picked),
    OpCase(
        "one_hot and arange",
        one_hot,
        _rows(5, 13),
        lambda x: torch.nn.functional.one_hot(x.argmax(1), 13) + torch.arange(13, device=x.device),
    ),
)
