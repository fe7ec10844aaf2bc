"""A tensor's type and the types of a subscript's elements in, the shape it selects out; reports what cannot be an element."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from helion.diagnostics.catalog.indexing import BooleanIndex, InvalidIndex, OverpackedTile, RankMismatch, UnsupportedDtype
from helion.diagnostics.catalog.shapes import ShapeMismatch
from helion.diagnostics.catalog.tiles import JaggedTileMisuse
from helion.ops.contexts import TypingContext
from helion.ops.index_places import Form, filled, known_slice, place
from helion.types.dims import Dim, ceil_div, constant, dim
from helion.types.dtypes import TRITON_NAMES
from helion.types.types import (
    BlockSizeType,
    ConstantType,
    NumberType,
    Region,
    SequenceType,
    Shape,
    SliceType,
    Star,
    StarSequenceType,
    TensorType,
    TileType,
    Type,
    UnknownType,
)

NONE = ConstantType(None)
ELLIPSIS = ConstantType(Ellipsis)
FULL = SliceType(NONE, NONE, NONE)


@dataclass(frozen=True)
class _Element:
    """The dimensions an element gives by itself."""

    dims: Shape
    is_tensor: bool = False


def indexed_shape(ctx: TypingContext, tensor: Type, index: Type) -> Shape | None:
    """The shape of `tensor[index]`; None when it is not known, or when something was reported."""
    if not isinstance(tensor, TensorType) or isinstance(index, UnknownType):
        return None
    if tensor.region is Region.HOST and tensor.dtype is not None and tensor.dtype not in TRITON_NAMES:
        ctx.report(UnsupportedDtype(ctx.span, str(tensor.dtype)))
        return None
    items = _flat(ctx, index)
    if items is None or any(isinstance(item, UnknownType) for item in items):
        return None
    if stars := [item for item in items if isinstance(item, StarSequenceType)]:
        return (Star(f"tile_{stars[0].star.name}"),)
    if tensor.rank is None:
        return None if ELLIPSIS in items or any(isinstance(item, SliceType) for item in items) else _selected(ctx, None, items)
    taken = sum(item not in (NONE, ELLIPSIS) for item in items)
    if taken > tensor.rank or items.count(ELLIPSIS) > 1:
        ctx.report(RankMismatch(ctx.span, tensor.rank, taken, str(tensor)))
        return None
    shape = _selected(ctx, tensor.dims, filled(items, tensor.rank, FULL, lambda item: item == NONE, lambda item: item == ELLIPSIS))
    return shape if shape is None or _has_lanes_of_jagged_tiles(ctx, items, shape) else None


def _has_lanes_of_jagged_tiles(ctx: TypingContext, items: list[Type], shape: Shape) -> bool:
    """Whether each jagged tile stands with the tiles whose lanes it has the ends of; one that does not is reported."""
    for item in items:
        missing = [size for size in item.axis.lanes if size not in shape] if isinstance(item, TileType) else []
        if missing and isinstance(item, TileType):
            ctx.report(JaggedTileMisuse(ctx.span, f"`{item.axis.name}` is masked lane by lane, so `{missing[0]}` must index with it"))
            return False
    return True


def _flat(ctx: TypingContext, index: Type) -> list[Type] | None:
    """The elements, with tuples of tiles spread."""
    items: list[Type] = []
    for item in index.items if isinstance(index, SequenceType) else (index,):
        if not isinstance(item, SequenceType):
            items.append(item)
        elif item.kind is tuple and not any(isinstance(inner, SequenceType) for inner in item.items):
            items.extend(item.items)
        elif any(isinstance(inner, TileType | SequenceType) for inner in item.items):
            ctx.report(OverpackedTile(ctx.argument_span("index"), str(item)))
            return None
        else:
            ctx.report(InvalidIndex(ctx.argument_span("index"), f"the list {item}"))
            return None
    return items


def _selected(ctx: TypingContext, sizes: tuple[Dim, ...] | None, items: list[Type]) -> Shape | None:
    """The dimensions that the elements give together; `sizes` are those of the tensor, when its rank is known."""
    elements: list[_Element] = []
    position = 0
    for item in items:
        if item == NONE:
            elements.append(_Element((dim(1),)))
            continue
        element = _element(ctx, item, None if sizes is None else ctx.resolve(sizes[position]))
        if element is None:
            return None
        elements.append(element)
        position += 1
    if any(isinstance(d, Star) for element in elements for d in element.dims):
        return None
    return _joined(ctx, elements)


def _joined(ctx: TypingContext, elements: list[_Element]) -> Shape | None:
    places = place([Form(len(e.dims), e.is_tensor) for e in elements])
    rank = 1 + max((p for positions in places for p in positions), default=-1)
    shape: Shape = (dim(1),) * rank
    for element, positions in zip(elements, places, strict=True):
        if not positions:
            continue
        own: Shape = (*element.dims, *(dim(1),) * (rank - 1 - positions[-1]))
        joined = ctx.broadcast(shape, own)
        if joined is None:
            tensors = [str(TensorType(e.dims, torch.int64, Region.DEVICE)) for e in elements if e.is_tensor]
            ctx.report(ShapeMismatch(ctx.argument_span("index"), tensors[0], tensors[-1]))
            return None
        shape = joined
    return shape


def _element(ctx: TypingContext, item: Type, size: Dim | None) -> _Element | None:
    match item:
        case TileType(axis) if axis.block is not None:
            return _Element((axis.block.symbol,))
        case BlockSizeType():
            return _Element(())
        case NumberType(kind=kind, value=value, least=least) if kind is int:
            return None if _is_out_of_range(ctx, value, size) or _is_always_beyond(ctx, least, size) else _Element(())
        case SliceType() if size is not None:
            length = _slice_length(ctx, item, size)
            return None if length is None else _Element((length,))
        case TensorType(region=Region.HOST):
            ctx.report(InvalidIndex(ctx.argument_span("index"), f"the host tensor {item}: load it with a subscript first"))
        case TensorType(dtype=torch.bool):
            ctx.report(BooleanIndex(ctx.argument_span("index")))
        case TensorType(shape=shape, dtype=dtype) if dtype is None or not (dtype.is_floating_point or dtype.is_complex):
            return _Element(shape, is_tensor=True)
        case UnknownType():
            pass
        case _:
            ctx.report(InvalidIndex(ctx.argument_span("index"), str(item)))
    return None


def _is_out_of_range(ctx: TypingContext, value: object, size: Dim | None) -> bool:
    known, extent = (constant(value), constant(size)) if isinstance(value, Dim) else (None, None)
    if known is None or not extent or -extent <= known < extent:
        return False
    ctx.report(InvalidIndex(ctx.argument_span("index"), f"{known}: the dimension has {extent} element{'' if extent == 1 else 's'}"))
    return True


def _is_always_beyond(ctx: TypingContext, least: int | None, size: Dim | None) -> bool:
    extent = constant(size)
    if least is None or not extent or least < extent:
        return False
    words = f"a number that is at least {least}: the dimension has {extent} element{'' if extent == 1 else 's'}"
    ctx.report(InvalidIndex(ctx.argument_span("index"), words))
    return True


def _slice_length(ctx: TypingContext, item: SliceType, size: Dim) -> Dim | None:
    lower, upper, step = (_bound(part) for part in (item.lower, item.upper, item.step))
    if any(isinstance(part, UnknownType) for part in (item.lower, item.upper, item.step)):
        return None
    if (lower is None and ctx.is_baked(item.lower)) or (upper is None and ctx.is_baked(item.upper)):
        return None
    stride = 1 if item.step == NONE else constant(step)
    if stride is None and ctx.is_baked(item.step):
        return None
    if stride is None or stride < 1:
        ctx.report(InvalidIndex(ctx.argument_span("index"), f"the slice {item}: its step must be a positive constant"))
        return None
    if (lower is not None or item.lower == NONE) and (upper is not None or item.upper == NONE):
        return known_slice(lower, upper, stride, size).length
    if item.distance is None:
        ctx.report(
            InvalidIndex(ctx.argument_span("index"), f"the slice {item}: its length is not a constant or a multiple of a block size")
        )
        return None
    return item.distance if stride == 1 else ceil_div(item.distance, dim(stride))


def _bound(part: Type) -> Dim | None:
    match part:
        case BlockSizeType(block):
            return block.symbol
        case NumberType(kind=kind, value=Dim() as value) if kind is int:
            return value
        case _:
            return None
