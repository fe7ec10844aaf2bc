"""A function of Python's that computes with numbers and what it is given in, what it gives out: exact where all is known, in named sizes
where there is a form for it, else the kind of number, which calling it with numbers that stand for the unknown ones tells."""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from types import BuiltinFunctionType, MappingProxyType
from typing import Any

import sympy

from helion.typecheck.checker import Checker
from helion.typecheck.folding import fold
from helion.typecheck.operators import as_number, constant_of
from helion.types import operators as operator
from helion.types.dims import Dim, NextPowerOfTwo, ceil_div
from helion.types.sources import with_sources
from helion.types.types import NumberType, Region, SequenceType, Type, UnknownType, number_type
from helion.types.untyped import is_sequence


@dataclass(frozen=True)
class _OfSizes:
    count: int
    form: Callable[..., Dim]


_OF_NUMBERS = frozenset({int, float, bool, abs, round, min, max, sum, pow, divmod, sorted})
_GROW_FAST = (math.factorial, math.comb, math.perm)
_MOST_COUNTED = 1000
# How many sizes a function takes, and what it gives for them.
_OF_SIZES = MappingProxyType({"cdiv": _OfSizes(2, ceil_div), "next_power_of_2": _OfSizes(1, NextPowerOfTwo)})
# Numbers that functions are defined for: most for 1, logarithms to a base and whole quotients for 2, `math.atanh` for 0.
_STAND_INS = (1, 2, 0)


def method_of_number(number: NumberType, name: str) -> Callable[..., Any] | None:
    """`n.bit_length` as a function of the number; None where numbers of the kind have no such method."""
    method = getattr(number.kind, name, None)
    return method if callable(method) and not name.startswith("__") else None


def number_result(checker: Checker, function: Any, args: Sequence[Type], kwargs: Mapping[str, Type]) -> Type | None:
    """What the call gives; None where it is not of numbers alone, or not one that numbers tell the result of."""
    numbers = list(_numbers((*args, *kwargs.values())))
    known = [number for number in numbers if number is not None]
    if not numbers or len(known) != len(numbers):
        return None
    type_ = None if kwargs else _in_sizes(checker, function, args)
    return _called(function, args, kwargs, known) if type_ is None and _is_of_numbers(function) else type_


def _is_of_numbers(function: Any) -> bool:
    if getattr(function, "__objclass__", None) in (int, float):
        return True
    is_of_python = isinstance(function, type | BuiltinFunctionType) and function in _OF_NUMBERS
    return is_of_python or getattr(function, "__module__", "") == "math"


def _name_among_sizes(function: Any) -> str:
    """What Helion and Triton both call one of their functions of sizes; an empty text for any other."""
    is_theirs = (getattr(function, "__module__", "") or "").split(".")[0] in ("helion", "triton")
    return getattr(function, "__name__", "") if is_theirs else ""


def _numbers(types: Sequence[Type]) -> Iterator[NumberType | None]:
    """The numbers in arguments and in sequences among them; None for anything else."""
    for type_ in types:
        if isinstance(type_, SequenceType):
            yield from _numbers(type_.items)
        else:
            yield as_number(type_)


def _in_sizes(checker: Checker, function: Any, args: Sequence[Type]) -> Type | None:
    """The result where sizes that are not known have a form of their own for it."""
    items = args[0].items if len(args) == 1 and isinstance(args[0], SequenceType) else args
    numbers = [number for item in items if (number := as_number(item)) is not None]
    if len(numbers) != len(items) or not numbers:
        return None
    if function in (builtins.min, builtins.max) and not all(map(constant_of, numbers)):
        return _extreme(function, numbers)
    if function in (builtins.sum, math.prod) and items is not args:
        return reduce(lambda one, other: _folded(checker, function, one, other), numbers)
    if items is not args:
        return None
    match function, numbers:
        case builtins.divmod, [_, _]:
            return SequenceType(tuple(fold(checker, operation, numbers) for operation in (operator.floordiv, operator.mod)))
        case builtins.pow, [_, _]:
            return fold(checker, operator.pow, numbers)
        case builtins.abs, [_]:
            return fold(checker, abs, numbers)
        case builtins.int, [NumberType(value=Dim())]:
            return numbers[0]
        case _:
            return _rounded(function, numbers)


def _extreme(function: Any, numbers: Sequence[NumberType]) -> Type:
    """The least or the greatest of numbers; of integers and floats a float."""
    dims = [number.value for number in numbers if isinstance(number.value, Dim)]
    if len(dims) == len(numbers):
        return NumberType(int, (sympy.Min if function is builtins.min else sympy.Max)(*dims))
    kind = float if any(number.kind is float for number in numbers) else int
    return with_sources(NumberType(kind, None, _region(numbers)), *numbers)


def _rounded(function: Any, numbers: Sequence[NumberType]) -> Type | None:
    """`helion.cdiv` and `helion.next_power_of_2`, which have a form of their own for sizes."""
    in_sizes = _OF_SIZES.get(_name_among_sizes(function))
    if in_sizes is None or len(numbers) != in_sizes.count:
        return None
    dims = [number.value for number in numbers if isinstance(number.value, Dim)]
    if len(dims) == len(numbers):
        return NumberType(int, in_sizes.form(*dims))
    return with_sources(NumberType(int, None, _region(numbers)), *numbers)


def _region(numbers: Sequence[NumberType]) -> Region:
    return Region.DEVICE if any(number.region is Region.DEVICE for number in numbers) else Region.HOST


def _folded(checker: Checker, function: Any, one: Type, other: Type) -> Type:
    numbers = [number for type_ in (one, other) if (number := as_number(type_)) is not None]
    return fold(checker, operator.add if function is builtins.sum else operator.mul, numbers) if len(numbers) == 2 else one


def _called(function: Any, args: Sequence[Type], kwargs: Mapping[str, Type], numbers: Sequence[NumberType]) -> Type | None:
    """The result by calling the function: of the numbers, or of what stands for those that are not known."""
    if all(map(constant_of, numbers)):
        given = [_value(arg, 0) for arg in args]
        if (words := _too_large(function, given)) is not None:
            return UnknownType(words)
        try:
            return _type_of(function(*given, **{name: _value(value, 0) for name, value in kwargs.items()}), ())
        except (ArithmeticError, ValueError, TypeError) as problem:
            return UnknownType(str(problem))
    for stand_in in _STAND_INS:
        try:
            result = function(*(_value(a, stand_in) for a in args), **{name: _value(v, stand_in) for name, v in kwargs.items()})
        except (ArithmeticError, ValueError, TypeError):
            continue
        return _type_of(result, numbers)
    return None


def _too_large(function: Any, given: Sequence[Any]) -> str | None:
    """Why a call is left alone, of numbers whose result takes long to compute."""
    if function in _GROW_FAST and any(isinstance(value, int) and abs(value) > _MOST_COUNTED for value in given):
        return f"`{function.__name__}` of more than {_MOST_COUNTED} is not computed while a kernel is checked"
    return None


def _value(type_: Type, stand_in: int) -> Any:
    if isinstance(type_, SequenceType):
        return [_value(item, stand_in) for item in type_.items]
    number = as_number(type_)
    assert number is not None
    known = constant_of(number)
    return number.kind(stand_in) if known is None else known.value


def _type_of(result: Any, unknown: Sequence[NumberType]) -> Type | None:
    """The type of a result; of the numbers in it the kind only, where `unknown` ones led to it."""
    if isinstance(result, bool | int | float):
        if not unknown:
            return number_type(result)
        return with_sources(NumberType(type(result), None, _region(unknown)), *unknown)
    if not is_sequence(result):
        return None
    items = [_type_of(item, unknown) for item in result]
    known = tuple(item for item in items if item is not None)
    return SequenceType(known, list if isinstance(result, list) else tuple) if len(known) == len(items) else None
