"""Reductions by a function of the user's: `hl.reduce`."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch

from helion.diagnostics.catalog.arguments import InvalidArgument
from helion.ops.combining import Choices, as_values, called_on_tuples, combined_tensors, parameter_choices, position_of
from helion.ops.contexts import EmitContext, TypingContext
from helion.ops.inside_kernel import only_inside_kernel
from helion.ops.operation import Op
from helion.ops.static_types import Tensors
from helion.types.dims import dim as size
from helion.types.types import ConstantType, NumberType, Region, SequenceType, TensorType, Type, UnknownType

NONE = ConstantType(None)
FALSE = NumberType(bool, False)
ZERO = NumberType(int, size(0))


def reduce(
    combine_fn: Callable[..., Any],
    input_tensor: Tensors,
    dim: int | None = None,
    other: float | tuple[float, ...] = 0,
    keep_dims: bool = False,
) -> Tensors:
    """Combine the elements of a value along `dim` (all dimensions when None) by a function of two elements.

    `input_tensor` is a device value or a tuple of values of one shape; the result keeps their dtypes. `combine_fn(left, right)` must be
    associative and commutative; for a tuple it takes two tuples `(left, right)`, or the elements one by one
    `(left_0, left_1, right_0, right_1)`, and gives a tuple. It may be a lambda, a function, a torch function or a kernel, and computes
    from its parameters and constants only. `other` is what lanes outside the tile count as: a number, or one for each value of a tuple;
    it should leave every element as it is. `keep_dims` keeps reduced dimensions with length 1.

    Example:
        >>> largest = hl.reduce(torch.maximum, x[tile_m, :], dim=1, other=float("-inf"))
    """
    only_inside_kernel("hl.reduce")


def trace_combine_fn(ctx: TypingContext, combine_fn: Type, input_tensor: Type, **rest: Type) -> dict[str, Choices]:
    choices = parameter_choices(input_tensor)
    return {"combine_fn": choices} if choices else {}


def infer_reduce(
    ctx: TypingContext, combine_fn: Type, input_tensor: Type, dim: Type = NONE, other: Type = ZERO, keep_dims: Type = FALSE
) -> Type:
    tensors = combined_tensors(ctx, "hl.reduce", combine_fn, input_tensor, "input_tensor")
    if tensors is None or not _are_fillers(ctx, other, input_tensor):
        return UnknownType("the function or the values are not known")
    first = tensors[0]
    position = None if dim == NONE else position_of(ctx, "hl.reduce", first, dim)
    if first.rank is None or (dim != NONE and position is None):
        return UnknownType("the rank or the dimension is not known")
    gone = range(first.rank) if position is None else (position,)
    keeps = isinstance(keep_dims, NumberType) and keep_dims.value is True
    shape = tuple(size(1) if i in gone else d for i, d in enumerate(first.dims) if keeps or i not in gone)
    results = tuple(TensorType(shape, t.dtype, Region.DEVICE) for t in tensors)
    return SequenceType(results) if isinstance(input_tensor, SequenceType) else results[0]


def _are_fillers(ctx: TypingContext, other: Type, values: Type) -> bool:
    """Whether `other` is a constant, or one for each value; reported when it is not."""
    if isinstance(other, UnknownType):
        return False
    items = other.items if isinstance(other, SequenceType) else (other,)
    if isinstance(other, SequenceType) and not (isinstance(values, SequenceType) and len(values.items) == len(items)):
        ctx.report(InvalidArgument(ctx.argument_span("other"), "hl.reduce", "`other` is a tuple that does not match the values"))
        return False
    if not all(isinstance(item, NumberType) and item.value is not None for item in items):
        ctx.report(InvalidArgument(ctx.argument_span("other"), "hl.reduce", f"`other` must be a constant, not {other}"))
        return False
    return True


def emit_reduce(
    ctx: EmitContext, combine_fn: Any, input_tensor: Any, dim: int | None = None, other: Any = 0, keep_dims: bool = False
) -> Any:
    values = as_values(input_tensor)
    fillers = as_values(other) if isinstance(other, tuple | list) else (other,) * len(values)
    types = [t for t in (ctx.type_of(value) for value in values) if isinstance(t, TensorType)]
    shape = types[0].dims
    dims = tuple(range(len(shape))) if dim is None else (dim % len(shape),)
    texts = tuple(ctx.masked(value, filler, dims) for value, filler in zip(values, fillers, strict=True))
    kept = ctx.physical_dims(shape)
    axes = [kept.index(d) for d in dims if d in kept]
    if axes:
        combine = ctx.function(combine_fn, tuple(t.dtype for t in types))
        for axis in reversed(axes):
            texts = _reduced(ctx, texts, axis, combine)
    return texts if isinstance(input_tensor, tuple | list) else texts[0]


def _reduced(ctx: EmitContext, texts: tuple[str, ...], axis: int, combine: str) -> tuple[str, ...]:
    if len(texts) == 1:
        return (f"tl.reduce({texts[0]}, {axis}, {combine})",)
    reduced = ctx.temporary("reduced", f"tl.reduce(({', '.join(texts)}), {axis}, {combine})")
    return tuple(f"{reduced}[{i}]" for i in range(len(texts)))


def run_reduce(combine_fn: Callable[..., Any], input_tensor: Any, dim: int | None = None, other: Any = 0, keep_dims: bool = False) -> Any:
    values = as_values(input_tensor)
    combine = called_on_tuples(combine_fn, input_tensor)
    shape = values[0].shape
    flat = tuple(v.reshape(-1) if dim is None else v for v in values)
    along = 0 if dim is None else dim
    fillers = as_values(other) if isinstance(other, tuple | list) else (other,) * len(values)
    total = tuple(v.select(along, 0) if v.size(along) else _empty(v, along, f) for v, f in zip(flat, fillers, strict=True))
    for i in range(1, flat[0].size(along)):
        combined = combine(total, tuple(v.select(along, i) for v in flat))
        total = tuple(torch.as_tensor(c, device=v.device).to(v.dtype) for c, v in zip(combined, flat, strict=True))
    if keep_dims:
        kept = (1,) * len(shape) if dim is None else tuple(1 if i == dim % len(shape) else s for i, s in enumerate(shape))
        total = tuple(t.reshape(kept) for t in total)
    return total if isinstance(input_tensor, tuple | list) else total[0]


def _empty(value: torch.Tensor, dim: int, filler: Any) -> torch.Tensor:
    """What a reduction over nothing gives: what the lanes outside count as."""
    rest = [s for i, s in enumerate(value.shape) if i != dim % value.dim()]
    assert math.prod(value.shape) == 0
    return torch.full(rest, filler, dtype=value.dtype, device=value.device)


OPS = (Op("hl.reduce", reduce, Region.DEVICE, infer=infer_reduce, traces=trace_combine_fn, emit=emit_reduce, run=run_reduce),)
