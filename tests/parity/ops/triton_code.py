"""Triton that users write: statements, source text of functions, functions and what they call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import triton
import triton.language as tl

import helion.language as hl
from tests.parity.op_cases import OpCase

SCALE = tl.constexpr(3)
NO_EAGER = "Triton code has no eager meaning"


def add_twice(x, y):
    return helper_of_add_twice(x, y) + y


@triton.jit
def helper_of_add_twice(x, y):
    return x + y


@triton.jit
def scaled_pair(value, factor, has_offset: tl.constexpr):
    result = value * factor * SCALE
    if has_offset:
        result += 1.0
    return result, tl.sum(result, 1)


@triton.jit
def store_row(pointer, row, values, n: tl.constexpr):
    columns = tl.arange(0, n)
    tl.store(pointer + row * 5 + columns, values, mask=columns < 5)


def doubled(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        value = x[tile]
        out[tile] = hl.inline_triton(
            """
            # a comment
            value = {0} + {0}
            value * {1}
            """,
            args=[value, 2.0],
            output_like=value,
        )
    return out


def from_names(x: torch.Tensor, factor: float) -> tuple[torch.Tensor, torch.Tensor]:
    m, n = x.size()
    out, sums = torch.empty_like(x), x.new_empty([m])
    for tile in hl.tile(m):
        values = x[tile, :]
        scaled, total = hl.inline_triton("{v} * {f}, tl.sum({v}, 1)", args={"v": values, "f": factor}, output_like=(values, values.sum(1)))
        out[tile, :] = scaled
        sums[tile] = total
    return out, sums


def columns_of_one(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        column = x[tile, :].sum(1)[:, None]
        same = hl.inline_triton("tl.reshape({0}, {0}.shape) * 1.0", args=[column], output_like=column)
        out[tile, :] = x[tile, :] - same
    return out


def through_pointers(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        hl.inline_triton("tl.store({1} + {0}, tl.load({2} + {0}) * 2, mask={0} < 37)", args=[tile.index, out, x], output_like=None)
    return out


def from_source(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        out[tile] = hl.triton_kernel(
            """
            def combine(a, b, scale: tl.constexpr):
                total = a + b * scale
                return total
            """,
            args=[x[tile], y[tile], 3],
            output_like=x[tile],
        )
    return out


def by_name(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        out[tile] = hl.triton_kernel("add_twice", args={"y": y[tile], "x": x[tile]}, output_like=x[tile])
    return out


def by_function(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    out, sums = torch.empty_like(x), x.new_empty([x.size(0)])
    for tile in hl.tile(x.size(0)):
        values = x[tile, :]
        scaled, total = hl.triton_kernel(scaled_pair, args=[values, 0.5, True], output_like=(values, values.sum(1)))
        out[tile, :] = scaled
        sums[tile] = total
    return out, sums


def for_its_effect(x: torch.Tensor) -> torch.Tensor:
    out = torch.zeros_like(x)
    for row in hl.grid(x.size(0)):
        hl.triton_kernel(store_row, args=[out, row, x[row, :] + 1, 8], output_like=None)
    return out


def _float(*shapes: tuple[int, ...]) -> Callable[[torch.Generator], tuple[Any, ...]]:
    return lambda generator: tuple(torch.randn(shape, generator=generator) for shape in shapes)


def _case(name: str, function: Callable[..., Any], arguments: Callable[[torch.Generator], tuple[Any, ...]], expected: Any) -> OpCase:
    return OpCase(name, function, arguments, expected, not_eager=NO_EAGER)


CASES = [
    _case("inline statements", doubled, _float((37,)), lambda x: x * 4),
    _case("inline with names", from_names, lambda g: (*_float((20, 8))(g), 2.5), lambda x, f: (x * f, x.sum(1))),
    _case("inline with dims of 1", columns_of_one, _float((20, 8)), lambda x: x - x.sum(1, keepdim=True)),
    _case("inline through pointers", through_pointers, _float((37,)), lambda x: x * 2),
    _case("function from source", from_source, _float((37,), (37,)), lambda x, y: x + 3 * y),
    _case("function by name", by_name, _float((37,), (37,)), lambda x, y: x + 2 * y),
    _case("function by itself", by_function, _float((20, 8)), lambda x: (x * 1.5 + 1, (x * 1.5 + 1).sum(1))),
    _case("function for its effect", for_its_effect, _float((20, 5)), lambda x: x + 1),
]
