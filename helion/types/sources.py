"""Values of the host in, what a call has to tell for all of them to be known out; knows nothing of which calls tell what."""

from __future__ import annotations

import builtins
from typing import Any

import torch

from helion.types.types import (
    ConstantType,
    DtypeType,
    NumberType,
    OpaqueType,
    Region,
    SequenceType,
    Star,
    StarSequenceType,
    TensorType,
    Type,
)

# How tensors lie in memory, where no size says it; and what is a constant of every call, as dtypes and ranks are, though not of the text.
LAYOUT, CALL = Star("<layout>"), Star("<call>")
Sources = frozenset[Any]
NOTHING: Sources = frozenset()


def told_by(*types: Type) -> Sources | None:
    """Named sizes and, for ranks and their sizes, `Star`s; None where more is needed than a specialization may know: a tensor's elements,
    or what only the device has."""
    found: set[Any] = set()
    for type_ in types:
        sources = _sources_of(type_)
        if sources is None:
            return None
        found |= sources
    return frozenset(found)


def _sources_of(type_: Type) -> Sources | None:
    match type_:
        case NumberType(value=value, told_by=sources):
            return sources if value is None else frozenset(getattr(value, "free_symbols", NOTHING))
        case DtypeType(dtype=None) | OpaqueType(cls=builtins.bool | torch.finfo | torch.iinfo):
            return frozenset((CALL,))
        case ConstantType() | DtypeType():
            return NOTHING
        case SequenceType(items=items):
            return told_by(*items)
        case StarSequenceType(item=item):
            return _sources_of(item)
        case _:
            return None


def unknown_size(tensor: TensorType) -> NumberType:
    """A size of a tensor whose rank is not known."""
    return NumberType(int, told_by=frozenset(size for size in tensor.shape if isinstance(size, Star)))


def sizes_of_tensors(*types: Type) -> Sources:
    """What a call tells whose tensors have known shapes: their named sizes, ranks and strides."""
    found: set[Any] = set()
    for type_ in types:
        match type_:
            case TensorType(shape=shape, stride=stride):
                found.add(LAYOUT)
                for size in (*shape, *(stride or ())):
                    found |= {size} if isinstance(size, Star) else size.free_symbols
            case SequenceType(items=items):
                found |= sizes_of_tensors(*items)
            case _:
                pass
    return frozenset(found)


def with_sources(type_: Type, *sources: Type) -> Type:
    """A number of the host that is computed from others alone: known as soon as they are."""
    if isinstance(type_, NumberType) and type_.value is None and type_.region is Region.HOST:
        return NumberType(type_.kind, None, most=type_.most, least=type_.least, told_by=told_by(*sources))
    return type_
