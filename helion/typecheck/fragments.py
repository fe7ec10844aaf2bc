"""A call of a fragment's class with constants in (`PowerOfTwoFragment(1, 256)`), the fragment as a constant out."""

from __future__ import annotations

from typing import Any

from helion import exc
from helion.diagnostics.catalog.tunables import FragmentArguments
from helion.source import Span
from helion.typecheck.checker import Checker
from helion.typed_kernel import tree
from helion.types.dims import Dim, constant
from helion.types.types import ConstantType, NumberType, SequenceType, Type, UnknownType


class _NotConstant(Exception):
    """An argument whose value the text does not give."""


def check_fragment(
    checker: Checker, function: Any, args: tuple[tree.Expr, ...], kwargs: dict[str, tree.Expr], span: Span
) -> tree.Expr | None:
    """The fragment, made here and now since it is a plain value; None when `function` is not a fragment's class."""
    if not isinstance(function, type) or not hasattr(function, "pattern_neighbors"):
        return None
    parts = (*args, *kwargs.values())
    try:
        fragment = function(*(_value(a.type) for a in args), **{name: _value(a.type) for name, a in kwargs.items()})
    except _NotConstant:
        if not any(isinstance(part.type, UnknownType) for part in parts):
            checker.report(FragmentArguments(span, function.__name__, "its arguments must be literals"))
    except (exc.BaseError, TypeError) as problem:
        checker.report(FragmentArguments(span, function.__name__, str(problem)))
    else:
        return tree.HostValue(ConstantType(fragment), span, checker.file.text_of(span), parts)
    return tree.Poison(UnknownType("a fragment that could not be made"), span, parts)


def _value(type_: Type) -> Any:
    match type_:
        case NumberType(value=Dim() as value) if (known := constant(value)) is not None:
            return known
        case NumberType(value=float() | bool() as value):
            return value
        case ConstantType(value=value):
            return value
        case SequenceType(items=items):
            return tuple(_value(item) for item in items)
        case _:
            raise _NotConstant
