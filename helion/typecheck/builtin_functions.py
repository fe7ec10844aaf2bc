"""Python's own functions and `math` on what is known at check time: `len`, `min`, `max`, `int`, `range`, `math.sqrt`, `helion.cdiv`."""

from __future__ import annotations

import builtins
import math
from typing import Any

import sympy
import torch

from helion.source import Span
from helion.typecheck.checker import Checker
from helion.typecheck.folding import fold
from helion.typecheck.operators import as_number, constant_of, fails
from helion.typed_kernel import tree
from helion.types import operators as operator
from helion.types.dims import Dim, NextPowerOfTwo, ceil_div, constant, dim
from helion.types.types import (
    ConstantType,
    DictType,
    DtypeType,
    FunctionType,
    NumberType,
    OpaqueType,
    Region,
    SequenceType,
    SliceType,
    TensorType,
    Type,
    UnknownType,
    number_type,
)

_CONVERSIONS = (int, float, bool)
_GROW_FAST = (math.factorial, math.comb, math.perm)
_MOST_COUNTED = 1000


def check_builtin(
    checker: Checker, function: Any, args: tuple[tree.Expr, ...], kwargs: dict[str, tree.Expr], span: Span
) -> tree.Expr | None:
    """The typed call, or None when the function is not one of Python's that have a meaning here."""
    if function is builtins.slice and checker.region is Region.DEVICE and 1 <= len(args) <= 3 and not kwargs:
        return _slice(args, span)
    type_ = _type_of(checker, function, tuple(a.type for a in args))
    if type_ is None:
        return None
    parts = (*args, *kwargs.values())
    if checker.region is Region.HOST:
        return tree.HostValue(type_, span, checker.file.text_of(span), parts)
    if isinstance(type_, UnknownType) and all(isinstance(a.type, NumberType) for a in args):
        return fails(checker, type_, args, span)
    if isinstance(type_, NumberType) and type_.value is None:
        return tree.Call(type_, span, function, args, tuple(kwargs.items()))
    if isinstance(type_, SequenceType) and len(args) == 1 and isinstance(args[0], tree.Sequence):
        return tree.Sequence(type_, span, args[0].items)
    return tree.Constant(type_, span)


def _slice(args: tuple[tree.Expr, ...], span: Span) -> tree.Expr:
    """`slice(None)` in an index that is given as a list, where Python has no `:`."""
    lower, upper, step = (None, args[0], None) if len(args) == 1 else (*args, None)[:3]
    lower, upper, step = (None if part is None or part.type == ConstantType(None) else part for part in (lower, upper, step))
    types = [ConstantType(None) if part is None else part.type for part in (lower, upper, step)]
    return tree.Slice(SliceType(types[0], types[1], types[2]), span, lower, upper, step)


def _type_of(checker: Checker, function: Any, types: tuple[Type, ...]) -> Type | None:
    numbers = [as_number(t) for t in types]
    known_numbers = [n for n in numbers if n is not None]
    all_numbers = bool(types) and len(known_numbers) == len(types)
    name = getattr(function, "__name__", "")
    module = getattr(function, "__module__", "") or ""
    if function is builtins.len and len(types) == 1:
        return _length(types[0])
    if function in (builtins.min, builtins.max) and all_numbers:
        return _extreme(checker, function, known_numbers)
    if function is builtins.divmod and all_numbers and len(types) == 2:
        parts = tuple(fold(checker, operation, known_numbers) for operation in (operator.floordiv, operator.mod))
        return SequenceType(parts) if all(constant_of(part) is not None for part in parts) else None
    if function is builtins.round and all_numbers and None not in [constant_of(number) for number in known_numbers]:
        return _math(function, known_numbers)
    if function in _CONVERSIONS and all_numbers and len(types) == 1:
        return _converted(function, known_numbers[0])
    if function is builtins.float and len(types) == 1 and isinstance(types[0], ConstantType):
        return _parsed_float(types[0].value)
    if function is builtins.abs and all_numbers:
        return fold(checker, abs, known_numbers) if known_numbers[0].value is not None else NumberType(known_numbers[0].kind)
    if function in (builtins.tuple, builtins.list) and len(types) == 1 and isinstance(types[0], SequenceType):
        return SequenceType(types[0].items, function)
    if function is builtins.isinstance and len(types) == 2:
        return _is_instance(types[0], types[1])
    if function in (torch.finfo, torch.iinfo):
        return _limits(function, types)
    if function in (builtins.str, builtins.repr):
        return OpaqueType(str)
    if module == "math" and all_numbers:
        return _math(function, known_numbers)
    if name == "cdiv" and module.split(".")[0] in ("helion", "triton") and all_numbers and len(types) == 2:
        return _ceil_div(known_numbers)
    if name == "next_power_of_2" and module.split(".")[0] in ("helion", "triton") and all_numbers:
        value = known_numbers[0].value
        return NumberType(int, NextPowerOfTwo(value) if isinstance(value, Dim) else None)
    return None


def _limits(function: Any, types: tuple[Type, ...]) -> Type | None:
    """What a dtype holds: `torch.finfo(x.dtype)`."""
    if len(types) != 1 or not isinstance(types[0], DtypeType):
        return None
    if types[0].dtype is None:
        return OpaqueType(function)
    try:
        return ConstantType(function(types[0].dtype))
    except TypeError:  # an integer's limits of floats, or the other way round
        return None


def _length(type_: Type) -> Type:
    match type_:
        case SequenceType(items=items) | DictType(items=items):
            return NumberType(int, dim(len(items)))
        case TensorType() if type_.rank:
            return NumberType(int, type_.dims[0])
        case ConstantType(value=str() as text):
            return NumberType(int, dim(len(text)))
        case _:
            return NumberType(int)


def _extreme(checker: Checker, function: Any, numbers: list[NumberType]) -> Type:
    values = [n.value for n in numbers]
    if all(v is not None and (not isinstance(v, Dim) or constant(v) is not None) for v in values):
        return fold(checker, function, numbers)
    dims = [v for v in values if isinstance(v, Dim)]
    if len(dims) == len(values):
        return NumberType(int, (sympy.Min if function is builtins.min else sympy.Max)(*dims))
    region = Region.DEVICE if any(n.region is Region.DEVICE for n in numbers) else Region.HOST
    return NumberType(float if any(n.kind is float for n in numbers) else int, None, region)


def _converted(kind: Any, number: NumberType) -> Type:
    value = number.value
    if isinstance(value, Dim):
        known = constant(value)
        if kind is int:
            return number
        value = known
    if value is None:
        return NumberType(kind, None, number.region)
    try:
        result = kind(value)
    except (ArithmeticError, ValueError) as problem:  # an int of infinity
        return UnknownType(str(problem))
    return NumberType(kind, dim(result) if kind is int else result)


def _parsed_float(value: Any) -> Type:
    try:
        return NumberType(float, float(value))
    except (TypeError, ValueError):
        return UnknownType("not a number")


def _is_instance(value: Type, cls: Type) -> Type:
    if isinstance(value, UnknownType) or not isinstance(cls, FunctionType):
        return NumberType(bool)
    if isinstance(value, NumberType) and isinstance(cls.function, type):
        return NumberType(bool, issubclass(value.kind, cls.function))
    if isinstance(value, ConstantType) and isinstance(cls.function, type):
        return NumberType(bool, isinstance(value.value, cls.function))
    return NumberType(bool)


def _math(function: Any, numbers: list[NumberType]) -> Type:
    values: list[Any] = []
    for number in numbers:
        value = constant(number.value) if isinstance(number.value, Dim) else number.value
        if value is None:
            return NumberType(float)
        values.append(value)
    if function in _GROW_FAST and any(abs(value) > _MOST_COUNTED for value in values):
        return UnknownType(f"`{function.__name__}` of more than {_MOST_COUNTED} is not computed while a kernel is checked")
    try:
        result = function(*values)
    except (ArithmeticError, ValueError, TypeError) as problem:
        return UnknownType(str(problem))
    return number_type(result)


def _ceil_div(numbers: list[NumberType]) -> Type:
    left, right = (n.value for n in numbers)
    if isinstance(left, Dim) and isinstance(right, Dim):
        return NumberType(int, ceil_div(left, right))
    return NumberType(int)
