"""Reading and writing host tensors from device code: `x[tile]`, `hl.load`, `out[tile] = v`, `hl.store`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from helion.diagnostics.catalog.indexing import InvalidIndex, RankMismatch, StoreToDeviceValue
from helion.diagnostics.catalog.shapes import ShapeMismatch
from helion.ops.contexts import EmitContext, TypingContext
from helion.ops.inside_kernel import only_inside_kernel
from helion.ops.operation import Masks, Op
from helion.types.dims import Dim, constant, dim
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


def load(tensor: Any, index: Any, extra_mask: Any = None, eviction_policy: str | None = None) -> torch.Tensor:
    """Read `tensor[index]` into the program; lanes outside the tile or where `extra_mask` is False give 0.

    `index` has one element a dimension: a tile, an integer, `:`, a slice of constant length, None, or an integer tensor (a gather).
    `eviction_policy` is Triton's: "evict_first", "evict_last" or "".

    Example:
        >>> values = hl.load(x, [tile_m, tile_n], extra_mask=mask[:, None])
    """
    only_inside_kernel("hl.load")


def store(tensor: Any, index: Any, value: Any, extra_mask: Any = None) -> None:
    """Write `value` to `tensor[index]`, cast to the tensor's dtype; lanes outside the tile or where `extra_mask` is False are left.

    Example:
        >>> hl.store(out, [tile_m, tile_n], acc, extra_mask=mask[:, None])
    """
    only_inside_kernel("hl.store")


@dataclass(frozen=True)
class IndexElement:
    """One element of an index after `...` was filled in: what it does to one dimension of the tensor (None for a new axis)."""

    type: Type
    tensor_dim: int | None
    result_dims: tuple[Dim, ...]


def index_elements(ctx: TypingContext, tensor: TensorType, items: tuple[Type, ...]) -> tuple[IndexElement, ...] | None:
    """Match index elements to the dimensions of a tensor of known rank; reports and returns None when they do not fit."""
    dims = tensor.dims
    consuming = sum(item not in (NONE, ELLIPSIS) for item in items)
    if consuming > len(dims):
        ctx.report(RankMismatch(ctx.span, len(dims), consuming, str(tensor)))
        return None
    full = SliceType(NONE, NONE, NONE)
    missing = len(dims) - consuming
    if ELLIPSIS in items:
        at = items.index(ELLIPSIS)
        items = (*items[:at], *(full,) * missing, *items[at + 1 :])
    elif missing:
        ctx.report(RankMismatch(ctx.span, len(dims), consuming, str(tensor)))
        return None
    elements: list[IndexElement] = []
    position = 0
    for item in items:
        if item == NONE:
            elements.append(IndexElement(item, None, (dim(1),)))
            continue
        result = _result_dims(ctx, item, dims[position])
        if result is None:
            return None
        elements.append(IndexElement(item, position, result))
        position += 1
    return tuple(elements)


def _result_dims(ctx: TypingContext, item: Type, size: Dim) -> tuple[Dim, ...] | None:
    match item:
        case TileType(axis) if axis.block is not None:
            return (axis.block.symbol,)
        case NumberType(kind=kind) if kind is int:
            return ()
        case SliceType(ConstantType(None), ConstantType(None), ConstantType(None)):
            return (ctx.resolve(size),)
        case SliceType(lower, upper, step):
            return _slice_length(ctx, lower, upper, step, size)
        case TensorType(dtype=dtype) if dtype != torch.bool and item.rank is not None:
            return item.dims
        case UnknownType():
            return None
        case _:
            ctx.report(InvalidIndex(ctx.span, str(item)))
            return None


def _slice_length(ctx: TypingContext, lower: Type, upper: Type, step: Type, size: Dim) -> tuple[Dim, ...] | None:
    def value(part: Type, default: Dim) -> Dim | None:
        if part == NONE:
            return default
        if isinstance(part, BlockSizeType):
            return part.block.symbol
        return part.as_dim if isinstance(part, NumberType) else None

    start, stop, stride = value(lower, dim(0)), value(upper, size), value(step, dim(1))
    if start is None or stop is None or stride is None:
        ctx.report(InvalidIndex(ctx.span, "a slice whose length is not constant"))
        return None
    if (low := constant(start)) is not None and low < 0:
        start = size + start
    if (high := constant(stop)) is not None and high < 0:
        stop = size + stop
    length = stop - start
    return (length if stride == 1 else -((-length) // stride),)


def _indexed_shape(ctx: TypingContext, tensor: Type, index: Type) -> Shape | None:
    if not isinstance(tensor, TensorType) or isinstance(index, UnknownType):
        return None
    items = index.items if isinstance(index, SequenceType) else (index,)
    flat: list[Type] = []
    for item in items:
        flat.extend(item.items if isinstance(item, SequenceType) else (item,))
    if any(isinstance(item, UnknownType) for item in flat):
        return None
    if stars := [item for item in flat if isinstance(item, StarSequenceType)]:
        return (Star(f"tile_{stars[0].star.name}"),)
    if tensor.rank is None:
        return None if ELLIPSIS in flat else _shape_without_rank(flat)
    elements = index_elements(ctx, tensor, tuple(flat))
    return None if elements is None else tuple(d for element in elements for d in element.result_dims)


def _shape_without_rank(items: list[Type]) -> Shape | None:
    """The shape of a load from a tensor of unknown rank: known when every element says its own length."""
    dims: list[Dim] = []
    for item in items:
        match item:
            case TileType(axis) if axis.block is not None:
                dims.append(axis.block.symbol)
            case NumberType():
                pass
            case ConstantType(None):
                dims.append(dim(1))
            case TensorType() if item.rank is not None:
                dims.extend(item.dims)
            case _:
                return None
    return tuple(dims)


def infer_load(ctx: TypingContext, tensor: Type, index: Type, extra_mask: Type = NONE, eviction_policy: Type = NONE) -> Type:
    shape = _indexed_shape(ctx, tensor, index)
    if shape is None or not isinstance(tensor, TensorType):
        return UnknownType("the index or the tensor is not known")
    return TensorType(shape, tensor.dtype, Region.DEVICE)


def infer_store(ctx: TypingContext, tensor: Type, index: Type, value: Type, extra_mask: Type = NONE) -> Type:
    if isinstance(tensor, TensorType) and tensor.region is Region.DEVICE:
        return ctx.report(StoreToDeviceValue(ctx.argument_span("tensor")))
    shape = _indexed_shape(ctx, tensor, index)
    if shape is not None and isinstance(value, TensorType) and value.rank != 0:
        joined = ctx.broadcast(shape, value.shape)
        if value.rank is not None and not any(isinstance(d, Star) for d in shape):
            if value.rank != len(shape):
                return ctx.report(RankMismatch(ctx.argument_span("value"), len(shape), value.rank, str(value)))
            if joined is None:
                inner = ", ".join(map(str, shape))
                return ctx.report(ShapeMismatch(ctx.argument_span("value"), f"[{inner}]", str(value)))
    return NONE


def emit_load(ctx: EmitContext, tensor: Any, index: Any, extra_mask: Any = None, eviction_policy: str | None = None) -> str:
    return ctx.load(tensor, index, extra_mask, eviction_policy)


def emit_store(ctx: EmitContext, tensor: Any, index: Any, value: Any, extra_mask: Any = None) -> None:
    ctx.store(tensor, index, value, extra_mask)


OPS = (
    Op(
        "hl.load",
        load,
        Region.DEVICE,
        infer=infer_load,
        masks=Masks(result=0),
        emit=emit_load,
        keeps_position=True,
        takes_host_tensors=True,
        accesses="load",
    ),
    Op(
        "hl.store",
        store,
        Region.DEVICE,
        infer=infer_store,
        emit=emit_store,
        has_effect=True,
        keeps_position=True,
        takes_host_tensors=True,
        accesses="store",
    ),
)
