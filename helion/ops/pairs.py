"""Values put together and taken apart: `hl.split`, `hl.join`, `torch.cat`, `torch.stack`, `Tensor.repeat`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

import sympy
import torch

from helion.diagnostics.catalog.rearranging import PartsNotAligned, SplitShape, UnsupportedSplit
from helion.diagnostics.catalog.shapes import ShapeMismatch
from helion.ops.contexts import EmitContext, TypingContext
from helion.ops.inside_kernel import only_inside_kernel
from helion.ops.operation import Masks, Op
from helion.types.dims import BlockSymbol, Dim, constant, dim
from helion.types.types import NumberType, Region, SequenceType, TensorType, Type, UnknownType

_aten = torch.ops.aten
ZERO = NumberType(int, dim(0))


def split(tensor: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Both halves of a value whose last dimension has size 2: `(tensor[..., 0], tensor[..., 1])`.

    Example:
        >>> even, odd = hl.split(x[tile_m, tile_n].reshape(tile_m, tile_n.block_size // 2, 2))
    """
    only_inside_kernel("hl.split")


def infer_split(ctx: TypingContext, tensor: Type) -> Type:
    if not isinstance(tensor, TensorType) or tensor.rank is None:
        return tensor if isinstance(tensor, UnknownType) else UnknownType("the value's rank is not known")
    if not tensor.dims or constant(ctx.resolve(tensor.dims[-1])) not in (2, None):
        return ctx.report(SplitShape(ctx.argument_span("tensor"), str(tensor)))
    if constant(ctx.resolve(tensor.dims[-1])) is None:
        if tensor.dims[-1].has(BlockSymbol):
            return ctx.report(SplitShape(ctx.argument_span("tensor"), str(tensor)))
        ctx.require_equal(tensor.dims[-1], dim(2))
    half = TensorType(tensor.dims[:-1], tensor.dtype, Region.DEVICE)
    return SequenceType((half, half))


def emit_split(ctx: EmitContext, tensor: Any) -> tuple[str, str]:
    halves = ctx.temporary("halves", f"tl.split({ctx.text(tensor)})")
    return f"{halves}[0]", f"{halves}[1]"


def run_split(tensor: torch.Tensor) -> tuple[torch.Tensor, ...]:
    return tensor.unbind(-1)


def join(tensor0: torch.Tensor, tensor1: torch.Tensor) -> torch.Tensor:
    """Two values of one dtype, broadcast together, in a new last dimension of size 2: `torch.stack((a, b), -1)`.

    Example:
        >>> pairs = hl.join(even, odd).reshape(tile_m, tile_n.block_size * 2)
    """
    only_inside_kernel("hl.join")


def infer_join(ctx: TypingContext, tensor0: Type, tensor1: Type) -> Type:
    if not isinstance(tensor0, TensorType) or not isinstance(tensor1, TensorType):
        return UnknownType("the values are not known")
    shape = ctx.broadcast(tensor0.shape, tensor1.shape)
    if shape is None or (None not in (tensor0.dtype, tensor1.dtype) and tensor0.dtype != tensor1.dtype):
        return ctx.report(ShapeMismatch(ctx.span, str(tensor0), str(tensor1)))
    return TensorType((*shape, dim(2)), tensor0.dtype, Region.DEVICE)


def emit_join(ctx: EmitContext, tensor0: Any, tensor1: Any) -> str:
    shape = ctx.result_type.dims[:-1]
    return f"tl.join({_whole(ctx, tensor0, shape)}, {_whole(ctx, tensor1, shape)})"


def _whole(ctx: EmitContext, value: Any, shape: tuple[Dim, ...]) -> str:
    """A value with every physical dim of a shape that it broadcasts to."""
    type_ = ctx.type_of(value)
    assert isinstance(type_, TensorType)
    text = ctx.aligned(value, shape)
    lead = len(shape) - len(type_.dims)
    has_all = tuple(i + lead for i in ctx.physical_dims(type_.dims)) == ctx.physical_dims(shape)
    return text if has_all else f"tl.broadcast_to({text}, {ctx.physical_shape(shape)})"


def run_join(tensor0: torch.Tensor, tensor1: torch.Tensor) -> torch.Tensor:
    shape = cast("tuple[int, ...]", cast("Any", torch).broadcast_shapes(tensor0.shape, tensor1.shape))
    return torch.stack((tensor0.expand(shape), tensor1.expand(shape)), -1)


# -- cat and stack --------------------------------------------------------------------------------------------------


def infer_cat(ctx: TypingContext, tensors: Type, dim: Type = ZERO) -> Type:
    parts = tensors.items if isinstance(tensors, SequenceType) else ()
    values = [part for part in parts if isinstance(part, TensorType) and part.rank]
    position = constant(dim.as_dim) if isinstance(dim, NumberType) else None
    fits = position is not None and all(-len(value.dims) <= position < len(value.dims) for value in values)
    if ctx.region is Region.DEVICE and position is not None and fits and values and len(values) == len(parts):
        sizes = [ctx.resolve(value.dims[position]) for value in values]
        if any(size != sizes[0] for size in sizes) or not is_aligned(sizes[0]):
            return ctx.report(PartsNotAligned(ctx.span, "torch.cat", ", ".join(map(str, sizes))))
    return ctx.torch_type(torch.cat, (tensors, dim), {})


def is_aligned(size: Dim) -> bool:
    """Whether a dim has no padding under any config: a block size, a power of two, or a product of these."""
    return all(isinstance(f, BlockSymbol) or is_power_of_two(constant(f)) for f in sympy.Mul.make_args(size))


def is_power_of_two(value: int | None) -> bool:
    return value is not None and value > 0 and value & (value - 1) == 0


def infer_stack(ctx: TypingContext, tensors: Type, dim: Type = ZERO) -> Type:
    return ctx.torch_type(torch.stack, (tensors, dim), {})


def emit_together(ctx: EmitContext, tensors: Sequence[Any], dim: int = 0) -> str:
    """Parts of one shape side by side along a dim, old (cat) or new (stack): joined in pairs, which makes new last dims, that are then
    moved there. A number of parts that is no power of two is filled up with the last part: lanes beyond the result's size."""
    result = ctx.result_type
    first = ctx.type_of(tensors[0])
    assert isinstance(first, TensorType)
    dims, position = first.dims, dim % len(result.dims)
    texts = [ctx.cast(ctx.text(t), _dtype(ctx, t), result.dtype) for t in tensors]
    if len(texts) == 1:
        return texts[0]
    texts = texts + texts[-1:] * ((1 << (len(texts) - 1).bit_length()) - len(texts))
    bits = 0
    while len(texts) > 1:
        texts = [f"tl.join({a}, {b})" for a, b in zip(texts[::2], texts[1::2], strict=True)]
        bits += 1
    before = len(ctx.physical_dims(dims[:position]))
    rank = len(ctx.physical_dims(dims))
    order = [*range(before), *range(rank + bits - 1, rank - 1, -1), *range(before, rank)]
    moved = texts[0] if order == sorted(order) else f"tl.permute({texts[0]}, {order})"
    return f"tl.reshape({moved}, {ctx.physical_shape(result.dims)})"


def _dtype(ctx: EmitContext, value: Any) -> torch.dtype | None:
    type_ = ctx.type_of(value)
    return type_.dtype if isinstance(type_, TensorType) else None


def infer_repeat(ctx: TypingContext, input: Type, *repeats: Type) -> Type:
    found = ctx.torch_type(torch.Tensor.repeat, (input, *repeats), {})
    known = isinstance(found, TensorType) and isinstance(input, TensorType) and found.rank is not None and input.rank is not None
    if ctx.region is Region.HOST or not known:
        return found
    assert isinstance(found, TensorType) and isinstance(input, TensorType)
    for size, whole in zip(reversed(input.dims), reversed(found.dims), strict=False):
        if size != whole and not is_aligned(ctx.resolve(size)):
            return ctx.report(PartsNotAligned(ctx.span, "repeat", str(size)))
    return found


def emit_repeat(ctx: EmitContext, input: Any, *repeats: Any) -> str:
    """Broadcast along a new dim before each repeated one, then merged with it."""
    type_, result = ctx.type_of(input), ctx.result_type
    assert isinstance(type_, TensorType)
    listed = cast("Sequence[Any]", repeats[0]) if isinstance(repeats[0], list | tuple) else repeats
    times = [dim(times) for times in listed]
    sizes = [*(dim(1),) * (len(times) - len(type_.dims)), *type_.dims]
    whole = tuple(d for pair in zip(times, sizes, strict=True) for d in pair)
    own = tuple(i for i in ctx.physical_dims(whole) if i % 2)
    text = ctx.expanded(ctx.text(input), own, whole)
    return f"tl.reshape(tl.broadcast_to({text}, {ctx.physical_shape(whole)}), {ctx.physical_shape(result.dims)})"


# -- what the device cannot do --------------------------------------------------------------------------------------


def _refused(function: Callable[..., Any], name: str) -> Op:
    """An op that takes a value apart into parts that tiles cannot hold; on the host it is torch's."""

    def infer_parts(ctx: TypingContext, *args: Type, **options: Type) -> Type:
        if ctx.region is Region.HOST:
            return ctx.torch_type(function, args, options)
        return ctx.report(UnsupportedSplit(ctx.span, name))

    return Op(f"torch.{name}", function, methods=(name,), infer=infer_parts)


_PARTS = ("chunk", "split", "unbind", "tensor_split", "hsplit", "vsplit", "dsplit")

OPS = (
    Op("hl.split", split, Region.DEVICE, infer=infer_split, masks=Masks(result=None), emit=emit_split, run=run_split),
    Op("hl.join", join, Region.DEVICE, infer=infer_join, emit=emit_join, run=run_join),
    Op(
        "torch.cat",
        torch.cat,
        aliases=(torch.concat, torch.concatenate, _aten.cat.default),
        parameter_names=("tensors", "dim"),
        infer=infer_cat,
        emit=emit_together,
        run=torch.cat,
    ),
    Op(
        "torch.stack",
        torch.stack,
        aliases=(_aten.stack.default,),
        parameter_names=("tensors", "dim"),
        infer=infer_stack,
        emit=emit_together,
        run=torch.stack,
    ),
    Op(
        "torch.Tensor.repeat",
        torch.Tensor.repeat,
        aliases=(_aten.repeat.default,),
        methods=("repeat",),
        infer=infer_repeat,
        emit=emit_repeat,
        run=torch.Tensor.repeat,
    ),
    *(_refused(getattr(torch, name), name) for name in _PARTS),
)
