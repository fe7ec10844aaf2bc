"""Reading and writing host tensors from device code: `x[tile]`, `hl.load`, `out[tile] = v`, `hl.store`."""

from __future__ import annotations

from typing import Any

import torch

from helion.diagnostics.catalog.arguments import InvalidArgument
from helion.diagnostics.catalog.indexing import NotStorable, StoredRankMismatch, StoreToDeviceValue, StoreToNonTensor
from helion.diagnostics.catalog.shapes import ShapeMismatch
from helion.ops.contexts import EmitContext, TypingContext
from helion.ops.index_types import indexed_shape
from helion.ops.inside_kernel import only_inside_kernel
from helion.ops.operation import Masks, Op
from helion.ops.static_types import Indices, StackTensor
from helion.types.integer_range import does_not_fit
from helion.types.types import BlockSizeType, ConstantType, NumberType, Region, Shape, Star, TensorType, Type, UnknownType

NONE = ConstantType(None)
_EVICTION_POLICIES = ("", "evict_first", "evict_last")


def load(
    tensor: torch.Tensor | StackTensor, index: Indices, extra_mask: torch.Tensor | None = None, eviction_policy: str | None = None
) -> torch.Tensor:
    """Read `tensor[index]` into the program; elements where `extra_mask` is False give 0, and no result depends on lanes outside the tile.

    `index` has one element a dimension: a tile (or `tile + k`), an integer, a slice of constant length, or an integer tensor (a
    gather); None is a new dimension, and dimensions left out are `:`. Two vectors select an outer product; where neighbouring index
    tensors have rank 2 or more they are broadcast together, as in numpy. `[]` reads a tensor without dimensions.
    `eviction_policy` is Triton's: "evict_first", "evict_last" or "".

    Example:
        >>> values = hl.load(x, [tile_m, tile_n], extra_mask=mask[:, None])
    """
    only_inside_kernel("hl.load")


def store(tensor: torch.Tensor | StackTensor, index: Indices, value: torch.Tensor | float, extra_mask: torch.Tensor | None = None) -> None:
    """Write `value` to `tensor[index]`, cast to the tensor's dtype; lanes outside the tile or where `extra_mask` is False are left.

    Example:
        >>> hl.store(out, [tile_m, tile_n], acc, extra_mask=mask[:, None])
    """
    only_inside_kernel("hl.store")


def infer_load(ctx: TypingContext, tensor: Type, index: Type, extra_mask: Type = NONE, eviction_policy: Type = NONE) -> Type:
    shape = indexed_shape(ctx, tensor, index)
    if shape is None or not isinstance(tensor, TensorType):
        return UnknownType("the index or the tensor is not known")
    if eviction_policy != NONE and isinstance(eviction_policy, ConstantType) and eviction_policy.value not in _EVICTION_POLICIES:
        allowed = ", ".join(map(repr, _EVICTION_POLICIES))
        why = f"`eviction_policy` is {eviction_policy}, allowed: {allowed}"
        return ctx.report(InvalidArgument(ctx.argument_span("eviction_policy"), "hl.load", why))
    if not _is_mask(ctx, "hl.load", shape, extra_mask):
        return UnknownType("the mask is none")
    return TensorType(shape, tensor.dtype, Region.DEVICE)


def infer_store(ctx: TypingContext, tensor: Type, index: Type, value: Type, extra_mask: Type = NONE) -> Type:
    if isinstance(tensor, TensorType) and tensor.region is Region.DEVICE:
        return ctx.report(StoreToDeviceValue(ctx.argument_span("tensor")))
    if not isinstance(tensor, TensorType | UnknownType):
        return ctx.report(StoreToNonTensor(ctx.argument_span("tensor"), str(tensor)))
    shape = indexed_shape(ctx, tensor, index)
    if not isinstance(value, TensorType | NumberType | BlockSizeType | UnknownType):
        return ctx.report(NotStorable(ctx.argument_span("value"), str(value)))
    if (why := does_not_fit(value, tensor.dtype if isinstance(tensor, TensorType) else None)) is not None:
        return ctx.report(InvalidArgument(ctx.argument_span("value"), "hl.store", why))
    if shape is None or any(isinstance(d, Star) for d in shape):
        return NONE
    if isinstance(value, TensorType) and value.rank not in (None, 0, len(shape)):
        return ctx.report(StoredRankMismatch(ctx.argument_span("value"), len(shape), str(value)))
    if not _fits(ctx, shape, value):
        return ctx.report(ShapeMismatch(ctx.argument_span("value"), _text(shape), str(value)))
    _is_mask(ctx, "hl.store", shape, extra_mask)
    return NONE


def _is_mask(ctx: TypingContext, function: str, shape: Shape, extra_mask: Type) -> bool:
    """Whether a mask is one for these elements; it is reported if not."""
    if isinstance(extra_mask, TensorType) and extra_mask.dtype not in (None, torch.bool):
        ctx.report(InvalidArgument(ctx.argument_span("extra_mask"), function, f"`extra_mask` is {extra_mask}, not a boolean tensor"))
        return False
    if not _fits(ctx, shape, extra_mask):
        ctx.report(ShapeMismatch(ctx.argument_span("extra_mask"), _text(shape), str(extra_mask)))
        return False
    return True


def _fits(ctx: TypingContext, shape: Shape, value: Type) -> bool:
    """Whether a value can be broadcast to a shape; what is not known is taken to."""
    if not isinstance(value, TensorType) or value.rank is None or any(isinstance(d, Star) for d in shape):
        return True
    joined = ctx.broadcast(shape, value.shape)
    return joined is not None and _resolved(ctx, joined) == _resolved(ctx, shape)


def _resolved(ctx: TypingContext, shape: Shape) -> Shape:
    return tuple(d if isinstance(d, Star) else ctx.resolve(d) for d in shape)


def _text(shape: Shape) -> str:
    return f"[{', '.join(map(str, shape))}]"


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
