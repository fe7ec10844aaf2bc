"""A call that torch refuses for sizes of different names in; the fewest equalities under which torch takes it, with its type, out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations, pairwise
from typing import Any

from helion.types.dims import Dim, DimFacts, constant
from helion.types.meta import ask_torch
from helion.types.refusals import Refusal
from helion.types.types import NumberType, Region, SequenceType, TensorType, Type, UnknownType

_MOST_PLACES = 4


def resolved(type_: Type, facts: DimFacts) -> Type:
    """The type with sizes that were unified written the same way."""
    if isinstance(type_, TensorType) and type_.rank is not None:
        shape = tuple(facts.resolve(d) for d in type_.dims)
        stride = None if type_.stride is None else tuple(facts.resolve(d) for d in type_.stride)
        return replace(type_, shape=shape, stride=stride)
    if isinstance(type_, SequenceType):
        return replace(type_, items=tuple(resolved(item, facts) for item in type_.items))
    if isinstance(type_, NumberType) and isinstance(type_.value, Dim):
        return NumberType(type_.kind, facts.resolve(type_.value), type_.region)
    return type_


def ask_with_equal_sizes(
    function: Callable[..., Any], args: tuple[Type, ...], kwargs: Mapping[str, Type], region: Region, facts: DimFacts
) -> tuple[Type, DimFacts] | None:
    """The call's type and the facts with what had to be equal for it, as torch aligns sizes: from the last. None when none helps."""
    tensors = list(_tensors((*args, *kwargs.values())))
    places = [place for place in range(-_MOST_PLACES, 0) if len(set(_sizes_at(place, tensors, facts))) > 1]
    for count in range(1, len(places) + 1):
        for chosen in combinations(places, count):
            trial = facts.copy()
            if not trial.require_all_equal(pair for place in chosen for pair in pairwise(_sizes_at(place, tensors, trial))):
                continue
            options = {name: resolved(value, trial) for name, value in kwargs.items()}
            answer = ask_torch(function, tuple(resolved(a, trial) for a in args), options, region)
            if not isinstance(answer, Refusal | UnknownType):
                return answer, trial
    return None


def _tensors(types: Sequence[Type]) -> Iterator[TensorType]:
    for type_ in types:
        if isinstance(type_, TensorType) and type_.rank is not None:
            yield type_
        elif isinstance(type_, SequenceType):
            yield from _tensors(type_.items)


def _sizes_at(place: int, tensors: Sequence[TensorType], facts: DimFacts) -> list[Dim]:
    """The sizes that stand `-place` from the end, without those of 1, which broadcast."""
    sizes = [facts.resolve(t.dims[place]) for t in tensors if len(t.dims) >= -place]
    return [size for size in sizes if constant(size) != 1]
