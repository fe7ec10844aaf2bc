"""Views of device values: reshaping, permuting, broadcasting, new axes. Size-1 dims exist in types only, so most cost nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, cast

import sympy
import torch

from helion.diagnostics.catalog.indexing import DeviceValueIndex, RankMismatch
from helion.diagnostics.catalog.rearranging import BitcastWidth
from helion.diagnostics.catalog.shapes import ShapeMismatch
from helion.ops.contexts import EmitContext, TypingContext
from helion.ops.inside_kernel import only_inside_kernel
from helion.ops.operation import Masks, Op
from helion.ops.regroup import emit_reshape
from helion.types.dims import Dim, dim, size_symbol
from helion.types.dtypes import short_name, triton_name
from helion.types.types import (
    BlockSizeType,
    ConstantType,
    DtypeType,
    NumberType,
    Region,
    SequenceType,
    Shape,
    SliceType,
    Star,
    TensorType,
    TileType,
    Type,
    UnknownType,
)

_aten = torch.ops.aten
NONE = ConstantType(None)
FULL = SliceType(NONE, NONE, NONE)


def subscript(tensor: torch.Tensor, index: Sequence[slice | None]) -> torch.Tensor:
    """New axes of a device value: `index` lists `None` and `:` only, as in `v[:, None]`.

    Example:
        >>> column = hl.subscript(row_sum, [slice(None), None])
    """
    only_inside_kernel("hl.subscript")


def infer_subscript(ctx: TypingContext, tensor: Type, index: Type) -> Type:
    if not isinstance(tensor, TensorType) or not isinstance(index, SequenceType):
        return UnknownType("the value or the index is not known")
    if tensor.rank is None:
        return TensorType(tensor.shape, tensor.dtype, Region.DEVICE)
    items = index.items
    taken = sum(item == FULL for item in items)
    if ConstantType(Ellipsis) in items:
        at = items.index(ConstantType(Ellipsis))
        items = (*items[:at], *(FULL,) * (tensor.rank - taken), *items[at + 1 :])
        taken = sum(item == FULL for item in items)
    elif taken < tensor.rank:
        items = (*items, *(FULL,) * (tensor.rank - taken))
    dims: list[Dim] = []
    rest = list(tensor.dims)
    for item in items:
        if item == NONE:
            dims.append(dim(1))
        elif item == FULL and rest:
            dims.append(rest.pop(0))
        elif item == FULL:
            return ctx.report(RankMismatch(ctx.span, tensor.rank, taken, str(tensor)))
        elif isinstance(item, UnknownType):
            return item
        else:
            return ctx.report(DeviceValueIndex(ctx.argument_span("index"), str(item)))
    return TensorType(tuple(dims), tensor.dtype, Region.DEVICE)


def emit_subscript(ctx: EmitContext, tensor: Any, index: Any) -> str:
    return ctx.text(tensor)


def run_subscript(tensor: torch.Tensor, index: Any) -> torch.Tensor:
    return tensor[tuple(index)]


def emit_same(ctx: EmitContext, x: Any, *rest: Any, **options: Any) -> str:
    """For ops that only add, drop or keep size-1 dims: the physical value does not change."""
    return ctx.text(x)


def emit_permute(ctx: EmitContext, x: Any, dims: Any) -> str:
    source = ctx.type_of(x)
    assert isinstance(source, TensorType)
    kept = ctx.physical_dims(source.dims)
    order = [kept.index(d % len(source.dims)) for d in dims if d % len(source.dims) in kept]
    if order == sorted(order):
        return ctx.text(x)
    return f"tl.permute({ctx.text(x)}, {order})"


def emit_transpose(ctx: EmitContext, x: Any, dim0: int = 0, dim1: int = 1) -> str:
    source = ctx.type_of(x)
    assert isinstance(source, TensorType)
    order = list(range(len(source.dims)))
    order[dim0], order[dim1] = order[dim1], order[dim0]
    return emit_permute(ctx, x, order)


def emit_t(ctx: EmitContext, x: Any) -> str:
    source = ctx.type_of(x)
    assert isinstance(source, TensorType)
    return emit_transpose(ctx, x) if len(source.dims) == 2 else ctx.text(x)


def emit_expand(ctx: EmitContext, x: Any, size: Any, **options: Any) -> str:
    source, result = ctx.type_of(x), ctx.result_type
    assert isinstance(source, TensorType)
    aligned = ctx.aligned(x, result.dims)
    if len(ctx.physical_dims(source.dims)) == len(ctx.physical_dims(result.dims)):
        return aligned
    return f"tl.broadcast_to({aligned}, {ctx.physical_shape(result.dims)})"


def emit_bits(ctx: EmitContext, x: Any, dtype: torch.dtype) -> str:
    return f"{ctx.temporary('bits', ctx.text(x))}.to({triton_name(dtype)}, bitcast=True)"


def emit_tril(ctx: EmitContext, x: Any, diagonal: Any = 0) -> str:
    return _triangle(ctx, x, "<=", diagonal)


def emit_triu(ctx: EmitContext, x: Any, diagonal: Any = 0) -> str:
    return _triangle(ctx, x, ">=", diagonal)


def _triangle(ctx: EmitContext, x: Any, compare: str, diagonal: Any) -> str:
    """A value with 0 where its column does not compare with its row plus `diagonal`; both count from the value's own first element."""
    type_ = ctx.type_of(x)
    assert isinstance(type_, TensorType)
    dims = type_.dims
    kept = ctx.physical_dims(dims)
    row, column = (
        ctx.expanded(f"tl.arange(0, {ctx.dim(dims[i])})", (i,), dims) if i in kept else "0" for i in (len(dims) - 2, len(dims) - 1)
    )
    offset = "" if diagonal == 0 else f" + {ctx.text(diagonal)}"
    zero = "False" if type_.dtype == torch.bool else "0"
    return f"tl.where({column} {compare} {row}{offset}, {ctx.text(x)}, {zero})"


def infer_reshape(ctx: TypingContext, input: Type, *shape: Type) -> Type:
    """Torch's answer; where sizes that may be equal have different names, the shape as written, with -1 worked out."""
    asked = ctx.torch_type(torch.Tensor.reshape, (input, *shape), {})
    if not isinstance(asked, UnknownType) or not isinstance(input, TensorType):
        return asked
    items = shape[0].items if len(shape) == 1 and isinstance(shape[0], SequenceType) else shape
    sizes = [_size_of(item) for item in items]
    if any(size is None for size in sizes):
        return asked
    known = sympy.Mul(*(size for size in sizes if size is not None and size != -1))
    if input.rank is None:
        rest: Dim = size_symbol(f"{next(d.name for d in input.shape if isinstance(d, Star))}.numel") // known
    else:
        rest = sympy.Mul(*input.dims) // known
    dims = tuple(rest if size == -1 else size for size in sizes if size is not None)
    stride = contiguous_stride(dims) if _is_contiguous(input) else None
    return TensorType(dims, input.dtype, input.region, stride, input.is_aligned)


def infer_view(ctx: TypingContext, input: Type, *shape: Type) -> Type:
    """A reshape, or the value's bits as another dtype."""
    if len(shape) != 1 or not isinstance(shape[0], DtypeType):
        return infer_reshape(ctx, input, *shape)
    dtype = shape[0]
    if ctx.region is Region.HOST or not isinstance(input, TensorType):
        return ctx.torch_type(torch.Tensor.view, (input, dtype), {})
    if input.dtype is not None and dtype.dtype is not None and input.dtype.itemsize != dtype.dtype.itemsize:
        return ctx.report(BitcastWidth(ctx.span, str(input), short_name(dtype.dtype)))
    return TensorType(input.shape, dtype.dtype, Region.DEVICE)


def _size_of(item: Type) -> Dim | None:
    match item:
        case NumberType():
            return item.as_dim
        case BlockSizeType(block):
            return block.symbol
        case TileType(axis) if axis.block is not None:
            return axis.block.symbol
        case _:
            return None


def contiguous_stride(dims: tuple[Dim, ...]) -> tuple[Dim, ...]:
    """The strides of a contiguous tensor of these sizes."""
    strides: list[Dim] = []
    running = dim(1)
    for size in reversed(dims):
        strides.append(running)
        running = running * size
    return tuple(reversed(strides))


def _is_contiguous(tensor: TensorType) -> bool:
    return tensor.rank is not None and (tensor.stride is None or tensor.stride == contiguous_stride(tensor.dims))


def infer_expand(ctx: TypingContext, input: Type, *size: Type) -> Type:
    """Torch's answer; where sizes that may be equal have different names, the sizes as written, with -1 the value's own."""
    asked = ctx.torch_type(torch.Tensor.expand, (input, *size), {})
    if not isinstance(asked, UnknownType) or not isinstance(input, TensorType):
        return asked
    items = size[0].items if len(size) == 1 and isinstance(size[0], SequenceType) else size
    before = () if input.rank is None else input.dims
    own = (*(None for _ in range(len(items) - len(before))), *before)
    dims = [mine if wanted == -1 else wanted for wanted, mine in zip(map(_size_of, items), own, strict=False)]
    known = tuple(size for size in dims if size is not None)
    return TensorType(known, input.dtype, input.region) if len(known) == len(items) else asked


def infer_broadcast_tensors(ctx: TypingContext, *tensors: Type) -> Type:
    """All tensors at their common shape; named sizes that must agree are taken to."""
    known = [t for t in tensors if isinstance(t, TensorType)]
    if len(known) != len(tensors):
        return UnknownType("an argument is not known")
    shape = ctx.broadcast(*(t.shape for t in known))
    if shape is None:
        return ctx.report(ShapeMismatch(ctx.span, str(known[0]), str(known[-1])))
    return SequenceType(tuple(replace(t, shape=shape, stride=_expanded_stride(t, shape)) for t in known))


def _expanded_stride(tensor: TensorType, shape: Shape) -> tuple[Dim, ...] | None:
    """Strides after broadcasting: 0 along dims that were 1 or were not there."""
    if tensor.stride is None or any(isinstance(d, Star) for d in shape) or tensor.rank is None:
        return None
    lead = len(shape) - tensor.rank
    own = [dim(0) if size == 1 and whole != 1 else s for size, s, whole in zip(tensor.dims, tensor.stride, shape[lead:], strict=True)]
    return (*(dim(0) for _ in range(lead)), *own)


_PROPAGATE = Masks(result="propagate")

_BROADCAST_TENSORS = cast("Callable[..., Any]", torch.broadcast_tensors)  # pyright: ignore[reportUnknownMemberType]  # untyped in torch

OPS = (
    Op(
        "torch.Tensor.reshape",
        torch.Tensor.reshape,
        aliases=(torch.reshape,),
        methods=("reshape",),
        infer=infer_reshape,
    ),
    Op("torch.Tensor.view", torch.Tensor.view, methods=("view",), infer=infer_view),
    Op("torch.Tensor.expand", torch.Tensor.expand, methods=("expand",), infer=infer_expand),
    Op(
        "torch.broadcast_to",
        torch.broadcast_to,
        aliases=(torch.Tensor.broadcast_to,),
        methods=("broadcast_to",),
        infer=infer_expand,
        parameter_names=("input", "size"),
    ),
    Op("torch.broadcast_tensors", _BROADCAST_TENSORS, Region.HOST, infer=infer_broadcast_tensors, run=_BROADCAST_TENSORS),
    Op(
        "hl.subscript",
        subscript,
        Region.DEVICE,
        infer=infer_subscript,
        masks=_PROPAGATE,
        emit=emit_subscript,
        run=run_subscript,
        keeps_position=True,
    ),
    Op(
        "torch.unsqueeze",
        _aten.unsqueeze.default,
        aliases=(
            _aten.squeeze.default,
            _aten.squeeze.dim,
            _aten.squeeze.dims,
            _aten.alias.default,
            _aten.detach.default,
            _aten.lift_fresh.default,
            _aten.clone.default,
        ),
        masks=_PROPAGATE,
        emit=emit_same,
        run=_aten.unsqueeze.default,
        keeps_position=True,
    ),
    Op(
        "torch.reshape",
        _aten.view.default,
        aliases=(_aten.reshape.default, _aten._unsafe_view.default, _aten._reshape_alias.default),
        masks=_PROPAGATE,
        emit=emit_reshape,
        regroups=True,
        run=_aten.reshape.default,
    ),
    Op("torch.permute", _aten.permute.default, masks=_PROPAGATE, emit=emit_permute, keeps_position=True, run=_aten.permute.default),
    Op("torch.transpose", _aten.transpose.int, masks=_PROPAGATE, emit=emit_transpose, keeps_position=True, run=_aten.transpose.int),
    Op("torch.t", _aten.t.default, masks=_PROPAGATE, emit=emit_t, run=_aten.t.default),
    Op("torch.Tensor.view of a dtype", _aten.view.dtype, emit=emit_bits, keeps_position=True, run=_aten.view.dtype),
    Op("torch.tril", _aten.tril.default, emit=emit_tril, run=_aten.tril.default),
    Op("torch.triu", _aten.triu.default, emit=emit_triu, run=_aten.triu.default),
    Op("torch.expand", _aten.expand.default, masks=_PROPAGATE, emit=emit_expand, keeps_position=True, run=_aten.expand.default),
)
