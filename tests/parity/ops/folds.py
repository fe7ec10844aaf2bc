"""Kernels with reductions by a function of their own."""

from __future__ import annotations

from typing import Any

import torch

import helion.language as hl
from tests.parity.op_cases import OpCase

CLOSEST = 0.5


def closest(a: Any, b: Any) -> Any:
    """A constant of the module."""
    return torch.where((a - CLOSEST).abs() < (b - CLOSEST).abs(), a, b)


def larger_first(left: Any, right: Any) -> Any:
    """The larger value with its index; of equal ones the first."""
    (left_value, left_index), (right_value, right_index) = left, right
    keep = (left_value > right_value) | ((left_value == right_value) & (left_index < right_index))
    return torch.where(keep, left_value, right_value), torch.where(keep, left_index, right_index)


def welford(left_mean: Any, left_m2: Any, left_count: Any, right_mean: Any, right_m2: Any, right_count: Any) -> Any:
    delta = right_mean - left_mean
    count = left_count + right_count
    share = torch.where(count > 0, right_count / torch.clamp(count, min=1), 0.0)
    return left_mean + delta * share, left_m2 + right_m2 + delta * delta * left_count * share, count


def rows(x: torch.Tensor) -> torch.Tensor:
    out = x.new_empty(x.size(0))
    for tile in hl.tile(x.size(0)):
        out[tile] = hl.reduce(torch.maximum, x[tile, :], dim=1, other=float("-inf"))
    return out


def whole_tile(x: torch.Tensor) -> torch.Tensor:
    """All dimensions at once, over a partial tile."""
    m, n = x.size()
    out = x.new_empty((m + 7) // 8)
    for tile in hl.tile(m, block_size=8):
        out[tile.id] = hl.reduce(lambda a, b: a * b, x[tile, :] + 1, other=1)
    return out


def kept(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        v = x[tile, :]
        out[tile, :] = v - hl.reduce(closest, v, 1, 1e30, keep_dims=True)
    return out


def argmax(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    values = x.new_empty(x.size(0))
    places = torch.empty(x.size(0), dtype=torch.int32, device=x.device)
    for tile in hl.tile(x.size(0)):
        v = x[tile, :]
        at = hl.arange(x.size(1))[None, :].expand(v.shape)
        values[tile], places[tile] = hl.reduce(larger_first, (v, at), dim=1, other=(float("-inf"), 2**31 - 1))
    return values, places


def moments(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    mean, variance = x.new_empty(x.size(0)), x.new_empty(x.size(0))
    for tile in hl.tile(x.size(0)):
        v = x[tile, :]
        zero = torch.zeros_like(v)
        found, m2, count = hl.reduce(welford, (v, zero, zero + 1), dim=-1)
        mean[tile] = found
        variance[tile] = m2 / count
    return mean, variance


def columns(x: torch.Tensor) -> torch.Tensor:
    """Over the tile."""
    out = x.new_empty(x.size(1))
    for tile in hl.tile(x.size(1)):
        out[tile] = hl.reduce(torch.bitwise_xor, x[:, tile], 0)
    return out


def _rows(*shape: int, dtype: torch.dtype = torch.float32) -> Any:
    return lambda generator: (torch.randn(shape, generator=generator).to(dtype),)


def _integers(generator: torch.Generator) -> tuple[torch.Tensor, ...]:
    return (torch.randint(0, 1000, (13, 5), generator=generator, dtype=torch.int32),)


def _closest(x: torch.Tensor) -> torch.Tensor:
    return x - x.gather(1, (x - CLOSEST).abs().argmin(1, keepdim=True))


def _xor(x: torch.Tensor) -> torch.Tensor:
    total = x[0]
    for row in x[1:]:
        total = total ^ row
    return total


def _argmax(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    values, places = x.max(1)
    return values, places.int()


CASES = (
    OpCase("reduce", rows, _rows(5, 13), lambda x: x.amax(1)),
    OpCase("reduce", rows, _rows(5, 13), lambda x: x.amax(1), static_shapes=False),
    OpCase("reduce of bfloat16", rows, _rows(5, 13, dtype=torch.bfloat16), lambda x: x.amax(1)),
    OpCase("reduce of all dimensions", whole_tile, _rows(13, 3), lambda x: torch.stack([(x[:8] + 1).prod(), (x[8:] + 1).prod()])),
    OpCase("reduce that keeps the dimension", kept, _rows(5, 13), _closest),
    OpCase("reduce of tuples", argmax, _rows(5, 13), _argmax),
    OpCase("reduce of elements one by one", moments, _rows(5, 13), lambda x: (x.mean(1), x.var(1, correction=0))),
    OpCase("reduce of integers over rows", columns, _integers, _xor),
)
