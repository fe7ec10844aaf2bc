"""Elements of a subscript in, the result dimensions that each gives out; knows neither types nor text, so every engine asks it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from helion.types.dims import Dim, ceil_div, constant, dim

T = TypeVar("T")


@dataclass(frozen=True)
class Form:
    """What an element gives by itself: `rank` dimensions. Index tensors may share theirs with their neighbours."""

    rank: int
    is_tensor: bool = False


def place(forms: Sequence[Form]) -> tuple[tuple[int, ...], ...]:
    """For each element the positions of its dimensions in the result.

    Each element has positions of its own, so that two vectors select an outer product; but in a run of neighbouring index tensors of
    which one has rank 2 or more, all are broadcast together, as in numpy. Scalars take no position and part no run.
    """
    places: list[tuple[int, ...]] = [()] * len(forms)
    first = 0
    for run in _runs(forms):
        ranks = [forms[i].rank for i in run]
        together = len(run) > 1 and max(ranks) > 1
        for i, rank in zip(run, ranks, strict=True):
            start = first + max(ranks) - rank if together else first
            places[i] = tuple(range(start, start + rank))
            first += 0 if together else rank
        first += max(ranks) if together else 0
    return tuple(places)


def _runs(forms: Sequence[Form]) -> Iterator[list[int]]:
    """The elements that give dimensions: runs of index tensors, anything else alone."""
    run: list[int] = []
    for i, form in enumerate(forms):
        if form.rank == 0:
            continue
        if run and not (form.is_tensor and forms[run[-1]].is_tensor):
            yield run
            run = []
        run.append(i)
    if run:
        yield run


def filled(items: Sequence[T], rank: int, full: T, is_new_axis: Callable[[T], bool], is_ellipsis: Callable[[T], bool]) -> list[T]:
    """The elements with `:` for `...` and for trailing dimensions that were left out."""
    taken = sum(not is_new_axis(item) and not is_ellipsis(item) for item in items)
    rest = [full] * (rank - taken)
    at = next((i for i, item in enumerate(items) if is_ellipsis(item)), None)
    return [*items, *rest] if at is None else [*items[:at], *rest, *items[at + 1 :]]


@dataclass(frozen=True)
class KnownSlice:
    """`a:b:step` with bounds known before the loop: indices `start + i * step` for i below `length`. `is_inside` says that all of
    them are known to be indices of the dimension."""

    start: Dim
    length: Dim
    step: int
    is_inside: bool


def _is_from_end(bound: Dim) -> bool:
    """Whether a bound counts from the end: a negative number, and `-k` as a size or an argument is, which is taken not to be negative."""
    number = constant(bound)
    return number < 0 if number is not None else (-bound).is_nonnegative is True


def known_slice(lower: Dim | None, upper: Dim | None, step: int, size: Dim) -> KnownSlice:
    """Python's slice of a dimension. Where the size is only known at run time, constant bounds are taken to lie inside it."""
    known_size, low, high = constant(size), constant(lower), constant(upper)
    if known_size is not None and (lower is None or low is not None) and (upper is None or high is not None):
        chosen = range(*slice(low, high, step).indices(known_size))
        return KnownSlice(dim(chosen.start), dim(len(chosen)), step, is_inside=True)
    start = dim(0) if lower is None else size + lower if _is_from_end(lower) else lower
    stop = size if upper is None else size + upper if _is_from_end(upper) else upper
    length = stop - start if step == 1 else ceil_div(stop - start, dim(step))
    known_length = constant(length)
    is_inside = (lower is None or (low is not None and low >= 0)) and (upper is None or (high is not None and high < 0))
    return KnownSlice(start, length if known_length is None or known_length > 0 else dim(0), step, is_inside)
