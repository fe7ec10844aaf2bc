"""Shape arguments of device code: lists of tiles, block sizes and ints, as dims."""

from __future__ import annotations

from helion.diagnostics.catalog.tiles import TileMisuse
from helion.ops.contexts import TypingContext
from helion.types.dims import Dim
from helion.types.types import BlockSizeType, NumberType, SequenceType, StarSequenceType, TileType, Type, UnknownType


def shape_of(ctx: TypingContext, shape: Type) -> tuple[Dim, ...] | None:
    """The dims of a shape argument: a list of tiles, block sizes and ints; None when an element is not known (reported if wrong)."""
    items = shape.items if isinstance(shape, SequenceType) else (shape,)
    dims: list[Dim] = []
    for item in items:
        match item:
            case TileType(axis) if axis.block is not None:
                dims.append(axis.block.symbol)
            case BlockSizeType(block):
                dims.append(block.symbol)
            case NumberType() if (size := item.as_dim) is not None:
                dims.append(size)
            case UnknownType() | StarSequenceType():
                return None
            case NumberType() if ctx.is_baked(item):
                return None
            case _:
                ctx.report(TileMisuse(ctx.span, f"a size must be a tile, a block size or a constant, not {item}"))
                return None
    return tuple(dims)
