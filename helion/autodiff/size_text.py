"""A size in, how the kernel that it is a size of says it out: `x.size(0)`, or a tile where it is one's length."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy

from helion.autodiff.call_text import ATOM, Text
from helion.autodiff.not_differentiable import NotDifferentiable
from helion.source import Span
from helion.typed_kernel import tree
from helion.types.dims import Dim, dim_text
from helion.types.types import Axis, SequenceType, TileType, Type


def size_text(kernel: tree.TypedKernel, loop: tree.Loop, size: Dim, span: Span) -> Text:
    """The text of a size. Raises NotDifferentiable for one that no argument has."""
    by_symbol: dict[Any, str] = {axis.block.symbol: name for name, axis in tile_names(loop) if axis.block is not None}
    if size in by_symbol:
        return Text(by_symbol[size])
    texts: dict[Any, Any] = {symbol: f"{name}.block_size" for symbol, name in by_symbol.items()}
    for symbol in size.free_symbols - texts.keys():
        origin = kernel.dim_origins.get(symbol)
        if origin is None or origin.host_expression is None:
            raise NotDifferentiable(span, f"the size {symbol}", "it is no size of an argument")
        texts[symbol] = origin.host_expression
    text = dim_text(size.xreplace({symbol: sympy.Symbol(text) for symbol, text in texts.items()}))
    return Text(text, ATOM if size.is_Symbol or size.is_Integer else 0)


def tile_names(loop: tree.Loop) -> Iterator[tuple[str, Axis]]:
    """How each tile of a loop is called, with its axis."""
    axes = iter(loop.axes)
    for binding in loop.targets:
        yield from _tile_names(binding.name, binding.type, axes)


def _tile_names(text: str, type_: Type, axes: Iterator[Axis]) -> Iterator[tuple[str, Axis]]:
    if isinstance(type_, SequenceType):
        for position, item in enumerate(type_.items):
            yield from _tile_names(f"{text}[{position}]", item, axes)
    elif isinstance(type_, TileType):
        yield text, next(axes)
    else:
        next(axes)
