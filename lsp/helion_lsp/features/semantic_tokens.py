"""A view of an analysis in, its tokens in the order of the text out; and the difference between two answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from helion_lsp.features.view import View

TYPES = ("tile", "blockSize", "constant", "tunable", "reduction", "variable", "parameter", "function", "method")
MODIFIERS = ("definition", "device", "host")
_TYPE_PLACES = {name: place for place, name in enumerate(TYPES)}
_MODIFIER_BITS = {name: 1 << place for place, name in enumerate(MODIFIERS)}


class Token(NamedTuple):
    """`type` is a place in TYPES, `modifiers` a bit for each of MODIFIERS."""

    start: int
    end: int
    type: int
    modifiers: int


def tokens(view: View, start: int = 0, end: int = 1 << 60) -> list[Token]:
    """The tokens that touch a range; none overlap."""
    found: list[Token] = []
    bits: dict[tuple[str, ...], int] = {}
    for kernel in view.kernels():
        base = kernel["start"]
        for first, last, type_, modifiers in kernel.get("tokens", ()):
            span = view.span(kernel, (first, last)) if view.is_stale else (base + first, base + last)
            if span is not None and span[0] <= end and start <= span[1] and span[1] > span[0]:
                names = tuple(modifiers)
                if names not in bits:
                    bits[names] = sum(_MODIFIER_BITS[name] for name in names)
                found.append(Token(*span, _TYPE_PLACES[type_], bits[names]))
    found.sort(key=lambda t: t.start)
    return [t for n, t in enumerate(found) if n == 0 or t.start >= found[n - 1].end]


@dataclass(frozen=True)
class Splice:
    """`data[start : start + deleted]` becomes `inserted`."""

    start: int
    deleted: int
    inserted: tuple[int, ...]


def difference(old: Sequence[int], new: Sequence[int]) -> Splice | None:
    """The smallest splice, in whole tokens, that makes the new answer of the old one; None when they agree."""
    if list(old) == list(new):
        return None
    shortest = min(len(old), len(new))
    start = next((n for n in range(shortest) if old[n] != new[n]), shortest)
    start -= start % 5
    tail = next((n for n in range(shortest - start) if old[-1 - n] != new[-1 - n]), shortest - start)
    tail -= tail % 5
    return Splice(start, len(old) - start - tail, tuple(new[start : len(new) - tail]))
