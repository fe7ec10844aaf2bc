"""Two types that meet where control flow joins in, the type of either out; None when they cannot be one."""

from __future__ import annotations

from dataclasses import replace

from helion.types.dims import Dim, DimFacts
from helion.types.types import BlockSizeType, DictType, NumberType, Region, SequenceType, Star, TensorType, TunableType, Type, UnknownType


def join(left: Type, right: Type, facts: DimFacts) -> Type | None:
    """The least specific type that both are, or None: a tensor keeps dtype, rank and shape; numbers may lose their value.

    A device name has one type, so sizes of two names are taken to be equal there; a host name may be either tensor.
    """
    if left == right:
        return left if same_layout(left, right) else _either_layout(left, right)
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


def join_undecided(left: Type, right: Type, facts: DimFacts) -> Type | None:
    """As `join`, of types of which every call has one alone: no size is taken to be equal to another for it."""
    trial = facts.copy()
    joined = join(left, right, trial)
    return joined if trial.equalities == facts.equalities else None


def same_layout(left: Type, right: Type) -> bool:
    """Whether tensors of two equal types also lie in memory alike, which is no part of a type's identity."""
    match left, right:
        case TensorType(), TensorType():
            return left.stride == right.stride and left.is_aligned == right.is_aligned
        case SequenceType(), SequenceType():
            return all(same_layout(a, b) for a, b in zip(left.items, right.items, strict=True))
        case DictType(), DictType():
            return all(same_layout(a, b) for (_, a), (_, b) in zip(left.items, right.items, strict=True))
        case _:
            return True


def _either_layout(left: Type, right: Type) -> Type:
    """What two equal types are, of tensors that lie in memory as either's."""
    match left, right:
        case TensorType(), TensorType():
            stride, is_aligned = _common_layout(left, right)
            return replace(left, stride=stride, is_aligned=is_aligned)
        case SequenceType(), SequenceType():
            return replace(left, items=tuple(_either_layout(a, b) for a, b in zip(left.items, right.items, strict=True)))
        case DictType(), DictType():
            pairs = zip(left.items, right.items, strict=True)
            return replace(left, items=tuple((key, _either_layout(a, b)) for (key, a), (_, b) in pairs))
        case _:
            return left


def _common_layout(left: TensorType, right: TensorType) -> tuple[tuple[Dim, ...] | None, bool]:
    return left.stride if left.stride == right.stride else None, left.is_aligned and right.is_aligned


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
    return TensorType(left.shape, dtype, left.region, *_common_layout(left, right))
