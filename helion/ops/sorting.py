"""Sorting and picking along a dimension of a device value: `torch.sort`, `torch.topk`, `torch.argsort`, `torch.gather`."""

from __future__ import annotations

from typing import Any

import torch

from helion.ops.contexts import EmitContext
from helion.ops.operation import Op
from helion.types.dims import Dim
from helion.types.dtypes import triton_name
from helion.types.types import TensorType

_aten = torch.ops.aten
_BITS = {torch.bool: torch.int8, torch.float16: torch.float32, torch.bfloat16: torch.float32}


def emit_sort(ctx: EmitContext, x: Any, dim: int = -1, descending: bool = False) -> tuple[str, str]:
    """Stable, as torch's is on the CPU: of equal elements the first stays first. NaN counts as the largest."""
    source = ctx.type_of(x)
    assert isinstance(source, TensorType)
    return _sorted(ctx, x, source, dim % len(source.dims) if source.dims else 0, descending)


def emit_stable_sort(ctx: EmitContext, x: Any, *, stable: bool | None = None, dim: int = -1, descending: bool = False) -> tuple[str, str]:
    return emit_sort(ctx, x, dim, descending)


def emit_topk(ctx: EmitContext, x: Any, k: Any, dim: int = -1, largest: bool = True, sorted: bool = True) -> tuple[str, str]:
    """The first k of the sorted elements."""
    source = ctx.type_of(x)
    assert isinstance(source, TensorType)
    position = dim % len(source.dims) if source.dims else 0
    values, places = _sorted(ctx, x, source, position, largest)
    shape = ctx.result_type.items[0].dims
    if position not in ctx.physical_dims(source.dims) or ctx.dim(source.dims[position]) == ctx.dim(shape[position]):
        return values, places
    if position not in ctx.physical_dims(shape):
        return _first(ctx, values, source, position), _first(ctx, places, source, position)
    axis = ctx.physical_dims(source.dims).index(position)
    lanes = ctx.expanded(f"tl.arange(0, {ctx.dim(shape[position])})", (position,), shape)
    at = ctx.temporary("first", f"tl.broadcast_to({lanes}, {ctx.physical_shape(shape)})")
    return f"tl.gather({values}, {at}, {axis})", f"tl.gather({places}, {at}, {axis})"


def _first(ctx: EmitContext, text: str, source: TensorType, position: int) -> str:
    """The first lane along a dim that the result does not have."""
    lanes = ctx.expanded(f"tl.arange(0, {ctx.dim(source.dims[position])})", (position,), source.dims)
    axis = ctx.physical_dims(source.dims).index(position)
    return f"tl.sum(tl.where({lanes} == 0, {text}, 0), {axis}).to({text}.dtype)"


def _sorted(ctx: EmitContext, x: Any, source: TensorType, position: int, descending: bool) -> tuple[str, str]:
    """The sorted values and their places; along an inner dim by way of a permutation, since only the last is sorted."""
    assert source.dtype is not None
    kept = ctx.physical_dims(source.dims)
    if position not in kept:
        return ctx.text(x), f"tl.full({ctx.physical_shape(source.dims)}, 0, tl.int64)"
    computed = _BITS.get(source.dtype, source.dtype)
    order = [i for i in kept if i != position] + [position]
    moved = tuple(source.dims[i] for i in order)
    to_last = [kept.index(i) for i in order]
    back = [order.index(i) for i in kept]
    text = _permuted(ctx.cast(ctx.text(x), source.dtype, computed), to_last)
    lanes = ctx.expanded(f"tl.arange(0, {ctx.dim(moved[-1])})", (len(moved) - 1,), moved)
    places = f"tl.broadcast_to({lanes}, {ctx.physical_shape(moved)})"
    count = ctx.valid_count(source.dims[position])
    pair = ctx.temporary("sorted", f"triton_helpers.sort_with_index({text}, {places}, {count}, {len(moved) - 1}, True, {descending})")
    values = ctx.temporary("values", ctx.cast(_permuted(f"{pair}[0]", back), computed, source.dtype))
    return values, ctx.temporary("places", f"{_permuted(f'{pair}[1]', back)}.to({triton_name(torch.int64)})")


def _permuted(text: str, order: list[int]) -> str:
    return text if order == list(range(len(order))) else f"tl.permute({text}, {order})"


def emit_gather(ctx: EmitContext, x: Any, dim: int, index: Any, sparse_grad: bool = False) -> str:
    """`x[.., index, ..]` along one dim; the other dims are the same. Lanes outside the tile read place 0."""
    source, wanted = ctx.type_of(x), ctx.type_of(index)
    assert isinstance(source, TensorType) and isinstance(wanted, TensorType)
    position = dim % len(source.dims) if source.dims else 0
    kept = ctx.physical_dims(source.dims)
    shape: tuple[Dim, ...] = wanted.dims
    if position not in kept:
        return f"tl.broadcast_to({ctx.aligned(x, shape)}, {ctx.physical_shape(shape)})" if ctx.physical_dims(shape) else ctx.text(x)
    places = ctx.masked(index, 0, tuple(range(len(shape))))
    axis = kept.index(position)
    if position in ctx.physical_dims(shape):
        return f"tl.gather({ctx.text(x)}, {places}, {axis})"
    places = ctx.temporary("places", places)
    subscript = ", ".join("None" if i == position else ":" for i in kept)
    one = f"tl.full([1], {places}, tl.int64)" if len(kept) == 1 else f"{places}[{subscript}]"
    return f"tl.reshape(tl.gather({ctx.text(x)}, {one}, {axis}), {ctx.physical_shape(shape)})"


OPS = (
    Op("torch.sort", _aten.sort.default, emit=emit_sort, run=_aten.sort.default),
    Op("torch.sort (stable)", _aten.sort.stable, emit=emit_stable_sort, run=_aten.sort.stable),
    Op("torch.topk", _aten.topk.default, emit=emit_topk, run=_aten.topk.default),
    Op("torch.gather", _aten.gather.default, emit=emit_gather, run=_aten.gather.default),
)
