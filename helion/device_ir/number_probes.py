"""Numbers that only the device has: what torch is given for them where it takes no tensor, and what it made of them, found again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from helion.types import operators as operator
from helion.types.dims import Dim


@dataclass(frozen=True)
class NumberRef:
    """Number input `position` of a call, or what the call makes of it before it computes: `function(*operands)`, with None for it."""

    position: int
    function: Callable[..., Any] | None = None
    operands: tuple[Any, ...] = ()


@dataclass(frozen=True)
class SizeAsFloat:
    """A size of the call, or a whole number that is an argument, that torch made a float: `masked_fill(v, mask, k)` of floats does."""

    size: Dim


def stand_ins(numbers: Iterable[tuple[int, bool]], run: int) -> dict[int, Any]:
    """For each (position, whether it is a float) a number that nothing else of the call is: a fraction below a half, which every parameter
    of torch's functions may be, or a large odd integer. Another one in each run."""
    found: dict[int, Any] = {}
    for place, (position, is_float) in enumerate(numbers):
        fraction = 0.318309886 + 0.0123456789 * place + 0.0518273645 * run
        found[position] = fraction if is_float else 1000003 + 20 * place + 3571 * run
    return found


def made_of(known: Mapping[int, tuple[Any, Any]], found: tuple[Any, ...]) -> NumberRef | None:
    """The number that constants of two runs stand for: an input, given as its two stand-ins, its negative or its reciprocal."""
    for position, values in known.items():
        if found == values:
            return NumberRef(position)
        if found == tuple(-value for value in values):
            return NumberRef(position, operator.neg, (None,))
        if found == tuple(1.0 / value for value in values):
            return NumberRef(position, operator.truediv, (1.0, None))
    return None
