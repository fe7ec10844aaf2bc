"""Argument types in, the types of arguments that can be made up out: small sizes, and the parameters' defaults for numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import sympy

from helion.types.dims import substitute
from helion.types.types import NumberType, SequenceType, Star, TensorType, Type, number_type

_SIZE = 64


def made_up_types(types: Sequence[Type], defaults: Sequence[Any]) -> list[Type]:
    """Sizes that nobody gave are small; a number that nobody gave is its parameter's default, or 1."""
    return [_with_value(_with_sizes(type_), default) for type_, default in zip(types, defaults, strict=True)]


def _with_sizes(type_: Type) -> Type:
    match type_:
        case TensorType(shape=shape):
            sizes = [d if isinstance(d, Star) else substitute(d, {s: sympy.Integer(_SIZE) for s in d.free_symbols}) for d in shape]
            return replace(type_, shape=tuple(sizes), stride=None)
        case SequenceType(items=items):
            return replace(type_, items=tuple(map(_with_sizes, items)))
        case _:
            return type_


def _with_value(type_: Type, default: Any) -> Type:
    if not isinstance(type_, NumberType) or (type_.value is not None and not isinstance(type_.value, sympy.Basic)):
        return type_
    if isinstance(type_.value, sympy.Integer):
        return type_
    given = default if isinstance(default, bool | int | float) else 1
    return number_type(type_.kind(given))
