"""Masks that are not one dim's own: of a dim that a reshape merged out of several tiles, and of a jagged tile beside its lanes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sympy

from helion.types.dims import Dim, dim

if TYPE_CHECKING:
    from helion.codegen.kernel_body import KernelBody


def merged_mask(body: KernelBody, size: Dim, parts: tuple[Dim, ...]) -> str | None:
    """A condition on each lane of the merged dim; None when all of them are inside."""
    conditions: list[str] = []
    for position, part in enumerate(parts):
        axis = next((a for a in reversed(body.open_axes) if a.symbol is not None and a.symbol == part), None)
        if axis is None or axis.mask is None:
            continue
        coordinate = _coordinate(body, size, parts, position)
        conditions.append(f"({axis.offset} + {coordinate} < {axis.end})")
    padding = body.dim_mask(size)
    return " & ".join([*conditions, *([padding] if padding is not None else [])]) or None


def _coordinate(body: KernelBody, size: Dim, parts: tuple[Dim, ...], position: int) -> str:
    lanes = body.full_index(size)
    inner: Dim = sympy.Mul(*parts[position + 1 :]) if parts[position + 1 :] else dim(1)
    text = lanes if inner == 1 else f"{lanes} // {body.size(inner)}"
    return text if position == 0 else f"({text}) % {body.size(parts[position])}"


def lane_mask(body: KernelBody, shape: tuple[Dim, ...], position: int) -> str | None:
    """The mask of a jagged tile at a position of a shape that also has the tiles whose lanes it has the ends of; None for others."""
    symbol = shape[position]
    axis = next((a for a in reversed(body.open_axes) if a.symbol is not None and a.symbol == symbol), None)
    if axis is None or axis.axis is None or axis.lane_ends is None or any(size not in shape for size in axis.axis.lanes):
        return None
    kept = body.physical_dims(shape)
    own = tuple(at for at in (shape.index(size) for size in axis.axis.lanes) if at in kept)
    index = body.expanded(axis.index, (position,) if position in kept else (), shape)
    return f"({index} < {body.expanded(axis.lane_ends, own, shape)})"
