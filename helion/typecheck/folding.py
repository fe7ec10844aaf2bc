"""An operator and numbers in, the number that it gives out: exact where they are known, also symbolically, else its kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from helion.typecheck.checker import Checker
from helion.types import operators as operator
from helion.types.dims import Dim, constant
from helion.types.sources import with_sources
from helion.types.types import NumberType, Region, Type, UnknownType, number_type

COMPARISONS = frozenset({operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge, operator.is_, operator.is_not})
_MOST_BITS = 4096


def fold(checker: Checker, function: Callable[..., Any], numbers: Sequence[NumberType]) -> Type:
    """Arithmetic on numbers: exact where values are known (also symbolically), else the kind of the result and what tells it."""
    return with_sources(_folded(checker, function, numbers), *numbers)


def _folded(checker: Checker, function: Callable[..., Any], numbers: Sequence[NumberType]) -> Type:
    is_device = any(n.region is Region.DEVICE for n in numbers)
    region = Region.DEVICE if is_device else Region.HOST
    values = [n.value for n in numbers]
    comparison = function in COMPARISONS
    if any(v is None for v in values) or is_device:
        kind = bool if comparison else _kind(function, numbers)
        return NumberType(kind, None, region, least=_least(numbers) if function is operator.add and kind is int else None)
    if all(isinstance(v, Dim) for v in values):
        return _fold_dims(checker, function, [v for v in values if isinstance(v, Dim)], region, comparison)
    plain = [int(v) if isinstance(v, Dim) and constant(v) is not None else v for v in values]
    if any(isinstance(v, Dim) for v in plain):
        return NumberType(bool if comparison else _kind(function, numbers), None, region)
    return _computed(function, plain, region)


def _least(numbers: Sequence[NumberType]) -> int | None:
    """What a sum is never below."""
    least = [constant(n.as_dim) if n.least is None else n.least for n in numbers]
    return sum(n for n in least if n is not None) if None not in least else None


def _computed(function: Callable[..., Any], numbers: Sequence[Any], region: Region) -> Type:
    """What an operator gives for numbers that are known; not known where it fails, or where its digits would take long to write."""
    if len(numbers) == 2 and _bits(function, *numbers) > _MOST_BITS:
        return UnknownType(f"a number of more than {_MOST_BITS} bits is not computed while a kernel is checked")
    try:
        result = function(*numbers)
    except (ArithmeticError, TypeError, ValueError) as problem:
        return UnknownType(str(problem))
    return number_type(result, region)


def _bits(function: Callable[..., Any], left: Any, right: Any) -> float:
    """About how many bits an integer has that two make; 0 for what is no large integer."""
    if not isinstance(left, int) or not isinstance(right, int) or right <= 0:
        return 0
    if function is operator.pow and abs(left) > 1:
        return abs(left).bit_length() * right
    return left.bit_length() + right if function is operator.lshift and left else 0


def _fold_dims(checker: Checker, function: Callable[..., Any], dims: list[Dim], region: Region, comparison: bool) -> Type:
    dims = [checker.resolve(d) for d in dims]
    known = [constant(d) for d in dims]
    if all(k is not None for k in known):
        return _computed(function, known, region)
    if comparison:
        if function is operator.eq and dims[0] == dims[1]:
            return NumberType(bool, True, region)
        return NumberType(bool, None, region)
    if function is operator.truediv:
        return NumberType(float, None, region)
    if function in (operator.add, operator.sub, operator.mul, operator.floordiv, operator.neg, operator.pow, operator.pos):
        return NumberType(int, function(*dims), region)
    if function is operator.mod:
        return NumberType(int, dims[0] - dims[1] * (dims[0] // dims[1]), region)
    return NumberType(int, None, region)


def _kind(function: Callable[..., Any], numbers: Sequence[NumberType]) -> Any:
    if function is operator.truediv:
        return float
    if function is operator.not_:
        return bool
    kinds = {n.kind for n in numbers}
    return float if float in kinds else int if int in kinds else bool if function in (operator.and_, operator.or_, operator.xor) else int
