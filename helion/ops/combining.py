"""What `hl.reduce` and `hl.associative_scan` share: their tensors, and the function that combines two elements."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import torch

from helion.diagnostics.catalog.arguments import InvalidArgument
from helion.diagnostics.catalog.shapes import ShapeMismatch
from helion.ops.contexts import TypingContext
from helion.types.dims import Dim, constant
from helion.types.types import ElementFunctionType, NumberType, Region, SequenceType, TensorType, Type, UnknownType
from helion.types.untyped import is_sequence

Choices = tuple[tuple[Type, ...], ...]


def tensors_of(values: Type) -> tuple[TensorType, ...] | None:
    """The tensors of an argument that is one or a tuple of them; None when that is not known, or not so."""
    items = values.items if isinstance(values, SequenceType) else (values,)
    tensors = tuple(item for item in items if isinstance(item, TensorType))
    return tensors if tensors and len(tensors) == len(items) else None


def parameter_choices(values: Type) -> Choices:
    """What a combine function may be called with: two elements, or two tuples of elements, or the elements of both one by one."""
    tensors = tensors_of(values)
    if tensors is None:
        return ()
    elements = tuple(TensorType((), t.dtype, Region.DEVICE) for t in tensors)
    if not isinstance(values, SequenceType):
        return ((elements[0], elements[0]),)
    return ((SequenceType(elements), SequenceType(elements)), (*elements, *elements))


def combined_tensors(ctx: TypingContext, name: str, combine_fn: Type, values: Type, parameter: str) -> tuple[TensorType, ...] | None:
    """The tensors, all of one shape, when the traced function gives one element for each; reported when it does not."""
    if isinstance(combine_fn, UnknownType) or isinstance(values, UnknownType):
        return None
    tensors = tensors_of(values)
    if tensors is None:
        if not any(isinstance(item, UnknownType) for item in (values.items if isinstance(values, SequenceType) else ())):
            ctx.report(InvalidArgument(ctx.argument_span(parameter), name, f"it takes a tensor or a tuple of tensors, not {values}"))
        return None
    for other in tensors[1:]:
        if ctx.broadcast(tensors[0].shape, other.shape) != tensors[0].shape or other.rank != tensors[0].rank:
            ctx.report(ShapeMismatch(ctx.argument_span(parameter), str(tensors[0]), str(other)))
            return None
    if not isinstance(combine_fn, ElementFunctionType):
        ctx.report(InvalidArgument(ctx.argument_span("combine_fn"), name, f"{combine_fn} is not a function of two elements"))
        return None
    return tensors if _gives_elements(ctx, name, combine_fn.result, len(tensors), isinstance(values, SequenceType)) else None


def _gives_elements(ctx: TypingContext, name: str, result: Type, count: int, is_tuple: bool) -> bool:
    if isinstance(result, UnknownType):
        return False
    items = result.items if is_tuple and isinstance(result, SequenceType) else (result,)
    if len(items) == count and all(isinstance(i, NumberType) or (isinstance(i, TensorType) and i.shape == ()) for i in items):
        return True
    if not any(isinstance(item, UnknownType) for item in items):
        what = f"a tuple of {count} elements" if is_tuple else "one element"
        ctx.report(InvalidArgument(ctx.argument_span("combine_fn"), name, f"the function must give {what}, not {result}"))
    return False


def position_of(ctx: TypingContext, name: str, tensor: TensorType, dim: Type) -> int | None:
    """The dimension that an argument names, from 0; None (reported where it is wrong) when it is not known."""
    found = constant(dim.value) if isinstance(dim, NumberType) and isinstance(dim.value, Dim) else None
    if found is None:
        if not isinstance(dim, UnknownType):
            ctx.report(InvalidArgument(ctx.argument_span("dim"), name, f"`dim` must be a constant integer, not {dim}"))
        return None
    if tensor.rank is None:
        return None
    if not -tensor.rank <= found < tensor.rank:
        ctx.report(InvalidArgument(ctx.argument_span("dim"), name, f"{tensor} has no dimension {found}"))
        return None
    return found % tensor.rank


def as_values(values: Any) -> tuple[Any, ...]:
    """The arguments of a node: one value, or several."""
    return (*values,) if is_sequence(values) else (values,)


def called_on_tuples(
    combine_fn: Callable[..., Any], values: Any
) -> Callable[[Sequence[torch.Tensor], Sequence[torch.Tensor]], Sequence[Any]]:
    """A combine function as one from two tuples of tensors to one, whatever signature it has."""
    if not isinstance(values, tuple | list):
        return lambda left, right: (combine_fn(left[0], right[0]),)
    if len(as_values(values)) > 1 and _parameter_count(combine_fn) == 2:
        return lambda left, right: combine_fn(tuple(left), tuple(right))
    return lambda left, right: combine_fn(*left, *right)


def _parameter_count(function: Callable[..., Any]) -> int | None:
    try:
        return len(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return None
