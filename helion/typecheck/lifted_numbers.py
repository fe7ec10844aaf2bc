"""A number and a tensor that one name is in different rounds or branches in, the tensor that it is in all of them out: where the number is
one that the tensor's dtype holds as it is, as Python's numbers beside tensors take the tensors' dtype."""

from __future__ import annotations

from dataclasses import replace

import torch

from helion.ops.creation import full
from helion.source import Span
from helion.typecheck.checker import Checker
from helion.typecheck.operators import as_number
from helion.typecheck.scope import Variable
from helion.typecheck.subscripts import infer_op
from helion.typed_kernel import tree
from helion.types.dims import Dim, constant
from helion.types.types import DtypeType, NumberType, Region, SequenceType, TensorType, Type

_WIDE = (torch.int64, torch.int32, torch.float64, torch.float32)


def on_device(type_: Type) -> Type:
    """The type that control flow carries: numbers are only known by their kind."""
    if isinstance(type_, SequenceType):
        return replace(type_, items=tuple(on_device(item) for item in type_.items))
    number = as_number(type_)
    return type_ if number is None else NumberType(number.kind, None, Region.DEVICE)


def lifted(number_type: Type, tensor_type: Type) -> TensorType | None:
    """The tensor's type when the number may be one of it; None when not, or when the types are not a number and a device tensor."""
    number = as_number(number_type)
    if number is None or not isinstance(tensor_type, TensorType) or tensor_type.region is not Region.DEVICE:
        return None
    return tensor_type if tensor_type.dtype is None or _holds(tensor_type.dtype, number) else None


def _holds(dtype: torch.dtype, number: NumberType) -> bool:
    """Whether a dtype holds a number without changing it; of one that is not known, whether it is as wide as numbers of a kernel are."""
    if dtype.is_complex or (number.kind is not bool and dtype is torch.bool) or (number.kind is float and not dtype.is_floating_point):
        return False
    value = constant(number.value) if isinstance(number.value, Dim) else number.value
    if number.kind is bool or dtype in _WIDE:
        return True
    return value is not None and float(torch.tensor(value, dtype=torch.float64).to(dtype)) == float(value)


def filled(checker: Checker, type_: TensorType, value: tree.Expr, span: Span) -> tree.Expr:
    """A tensor with one value everywhere; nothing to compute where its type is not known well enough."""
    if type_.dtype is None or type_.rank is None:
        return tree.Poison(type_, span, (value,))
    sizes = tuple(tree.Constant(NumberType(int, size), span, size) for size in type_.dims)
    shape = tree.Sequence(SequenceType(tuple(size.type for size in sizes), list), span, sizes)
    return infer_op(checker, full, (shape, value, tree.Constant(DtypeType(type_.dtype), span, type_.dtype)), span)


def as_lifted(checker: Checker, variable: Variable, number: tree.Expr, type_: TensorType) -> tree.Stmt:
    """The statement that makes a variable the tensor that it is elsewhere."""
    binding = tree.Binding(variable.name, type_, variable.span, Region.DEVICE)
    return tree.Assign(variable.span, binding, filled(checker, type_, number, variable.span))
