"""Types in, the tensors and the numbers that they hold out, also in sequences and slices."""

from __future__ import annotations

from collections.abc import Iterator

import sympy

from helion.types.types import NumberType, SequenceType, SliceType, TensorType, Type


def tensors_in(types: tuple[Type, ...]) -> Iterator[TensorType]:
    """Those given, and those in sequences."""
    for type_ in types:
        if isinstance(type_, TensorType):
            yield type_
        elif isinstance(type_, SequenceType):
            yield from tensors_in(type_.items)


def loose_numbers(types: tuple[Type, ...]) -> tuple[sympy.Symbol, ...] | None:
    """The symbols of numbers that are sizes of no tensor given beside them; None where all numbers are known or sizes."""
    sizes = {symbol for t in tensors_in(types) for size in (*t.dims, *(t.stride or ())) for symbol in size.free_symbols}
    numbers = list(_numbers(types))
    loose = {symbol for number in numbers for symbol in getattr(number.value, "free_symbols", ()) if symbol not in sizes}
    is_loose = bool(loose) or any(number.kind is int and number.value is None for number in numbers)
    return tuple(sorted(loose, key=str)) if is_loose else None


def _numbers(types: tuple[Type, ...]) -> Iterator[NumberType]:
    for type_ in types:
        match type_:
            case NumberType():
                yield type_
            case SequenceType(items=items):
                yield from _numbers(items)
            case SliceType(lower, upper, step):
                yield from _numbers((lower, upper, step))
            case _:
                pass
