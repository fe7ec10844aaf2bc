"""Two types that meet where control flow joins in, the type of either out; None when they cannot be one."""

from __future__ import annotations

from dataclasses import replace

from helion.types.dims import DimFacts
from helion.types.types import BlockSizeType, NumberType, Region, SequenceType, Star, TensorType, TunableType, Type, UnknownType


def join(left: Type, right: Type, facts: DimFacts) -> Type | None:
    """The least specific type that both are, or None: a tensor keeps dtype, rank and shape; numbers may lose their value.

    A device name has one type, so sizes of two names are taken to be equal there; a host name may be either tensor.
    """
    if left == right:
        return left
    left, right = _as_number(left), _as_number(right)
    if isinstance(left, UnknownType) or isinstance(right, UnknownType):
        return UnknownType("one of two paths gives an unknown type")
    if isinstance(left, TensorType) and isinstance(right, TensorType):
        return _tensors(left, right, facts)
    if isinstance(left, NumberType | BlockSizeType) and isinstance(right, NumberType | BlockSizeType):
        kinds = {t.kind if isinstance(t, NumberType) else int for t in (left, right)}
        if len(kinds) > 1:
            return None
        return NumberType(kinds.pop(), None, Region.DEVICE)
    if isinstance(left, SequenceType) and isinstance(right, SequenceType) and len(left.items) == len(right.items):
        items = [join(a, b, facts) for a, b in zip(left.items, right.items, strict=True)]
        return None if None in items else replace(left, items=tuple(i for i in items if i is not None))
    return None


def _as_number(type_: Type) -> Type:
    return NumberType(type_.tunable.kind) if isinstance(type_, TunableType) else type_


def _tensors(left: TensorType, right: TensorType, facts: DimFacts) -> Type | None:
    if left.region is not right.region:
        return None
    dtype = left.dtype if left.dtype == right.dtype else None
    if dtype is None and left.dtype is not None and right.dtype is not None:
        return None
    if left.rank is None or right.rank is None:
        shape = left.shape if left.shape == right.shape else (Star("x"),)
        return TensorType(shape, dtype, left.region)
    if left.rank != right.rank:
        return None
    pairs = list(zip(left.dims, right.dims, strict=True))
    fits = facts.require_all_equal(pairs) if left.region is Region.DEVICE else all(facts.known_equal(a, b) for a, b in pairs)
    if not fits:
        return None
    return TensorType(left.shape, dtype, left.region)
