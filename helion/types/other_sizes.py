"""A type in, the same with other sizes out: replaced ones, or names for those that only running tells."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from helion.types.dims import Dim, LateSymbol, substitute
from helion.types.types import DictType, NumberType, SequenceType, TensorType, Type

# A size that has late symbols, what to call it, and the Python that yields it, in; the size to write instead out.
Rename = Callable[[Dim, str, str], Dim]


def with_sizes(type_: Type, replacements: Mapping[Any, Dim]) -> Type:
    """The type with symbols replaced, in sizes, strides and numbers."""
    match type_:
        case TensorType(shape=shape, stride=stride):
            new = tuple(substitute(d, replacements) if isinstance(d, Dim) else d for d in shape)
            return replace(type_, shape=new, stride=None if stride is None else tuple(substitute(s, replacements) for s in stride))
        case NumberType(kind=kind, value=Dim() as value):
            return NumberType(kind, substitute(value, replacements), type_.region)
        case SequenceType(items=items):
            return replace(type_, items=tuple(with_sizes(item, replacements) for item in items))
        case DictType(items=pairs):
            return DictType(tuple((key, with_sizes(item, replacements)) for key, item in pairs))
        case _:
            return type_


def is_late(size: object) -> bool:
    """Whether a size, if it is one, is only told by running."""
    return isinstance(size, Dim) and size.has(LateSymbol)


def renamed(type_: Type, rename: Rename, name: str = "", text: str = "") -> Type:
    """The type with every late size replaced; `name` and `text` are those of the variable that has it. Strides that are made of late sizes
    are not known."""
    match type_:
        case TensorType(shape=shape, stride=stride) if any(map(is_late, (*shape, *(stride or ())))):
            sizes = tuple(
                rename(d, f"{name}_size_{i}", f"{text}.size({i})") if isinstance(d, Dim) and is_late(d) else d for i, d in enumerate(shape)
            )
            return replace(type_, shape=sizes, stride=None if any(map(is_late, stride or ())) else stride)
        case NumberType(value=Dim() as value) if is_late(value):
            return replace(type_, value=rename(value, name, text))
        case SequenceType(items=items):
            parts = enumerate(items)
            return replace(type_, items=tuple(renamed(item, rename, f"{name}_{i}", type_.path(text, i)) for i, item in parts))
        case DictType(items=pairs):
            return DictType(tuple((key, renamed(item, rename, f"{name}_{key}", f"{text}[{key!r}]")) for key, item in pairs))
        case _:
            return type_
