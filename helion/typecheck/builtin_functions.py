"""Python's own functions on what is known at check time: `len`, `slice`, `isinstance`, `torch.finfo`, and all that compute with numbers."""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from typing import Any

import torch

from helion.source import Span
from helion.typecheck.checker import Checker
from helion.typecheck.number_functions import number_result
from helion.typecheck.operators import constant_of, fails
from helion.typed_kernel import tree
from helion.types.dims import dim
from helion.types.sources import unknown_size, with_sources
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
)


def check_builtin(
    checker: Checker, function: Any, args: tuple[tree.Expr, ...], kwargs: dict[str, tree.Expr], span: Span
) -> tree.Expr | None:
    """The typed call, or None when the function is not one of Python's that have a meaning here."""
    if function is builtins.slice and checker.region is Region.DEVICE and 1 <= len(args) <= 3 and not kwargs:
        return _slice(args, span)
    type_ = _type_of(checker, function, tuple(a.type for a in args), {name: value.type for name, value in kwargs.items()})
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
    if isinstance(type_, SequenceType) and not all(map(constant_of, type_.items)):
        return None
    return tree.Constant(type_, span)


def _slice(args: tuple[tree.Expr, ...], span: Span) -> tree.Expr:
    """`slice(None)` in an index that is given as a list, where Python has no `:`."""
    lower, upper, step = (None, args[0], None) if len(args) == 1 else (*args, None)[:3]
    lower, upper, step = (None if part is None or part.type == ConstantType(None) else part for part in (lower, upper, step))
    types = [ConstantType(None) if part is None else part.type for part in (lower, upper, step)]
    return tree.Slice(SliceType(types[0], types[1], types[2]), span, lower, upper, step)


def _type_of(checker: Checker, function: Any, types: tuple[Type, ...], kwargs: Mapping[str, Type]) -> Type | None:
    if function is builtins.len and len(types) == 1:
        return _length(types[0])
    if (number := number_result(checker, function, types, kwargs)) is not None:
        return number
    if function is builtins.float and len(types) == 1 and isinstance(types[0], ConstantType):
        return _parsed_float(types[0].value)
    if function in (builtins.tuple, builtins.list) and len(types) == 1 and isinstance(types[0], SequenceType):
        return SequenceType(types[0].items, function)
    if function is builtins.isinstance and len(types) == 2:
        return _is_instance(types[0], types[1])
    if function in (torch.finfo, torch.iinfo):
        return _limits(function, types)
    if function in (builtins.str, builtins.repr):
        return OpaqueType(str)
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
        case TensorType():
            return unknown_size(type_)
        case _:
            return with_sources(NumberType(int), type_)


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
