"""Trying a part of a check: a checker in, a mark of all that it has found out; undone, it is as if the part had not been checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from helion.typecheck.checker import Checker
from helion.typecheck.known_sizes import KnownSizes
from helion.typecheck.scope import Variable
from helion.types.dims import DimFacts

_COLLECTIONS = (
    "diagnostics",
    "blocks",
    "tunables",
    "axes",
    "dim_origins",
    "specialized",
    "statements",
    "bindings",
    "device_names",
    "loop_targets",
    "returns",
    "possible_returns",
    "decisions",
    "asides",
    "late_names",
)
_VALUES = ("helper_count", "unrolled", "late_count", "read_later")


@dataclass(frozen=True)
class Mark:
    """What a checker held at a moment: copies of its collections, and its plain values."""

    collections: tuple[Any, ...]
    values: tuple[Any, ...]
    facts: DimFacts
    known_sizes: KnownSizes
    variables: dict[str, Variable]


def mark(checker: Checker) -> Mark:
    """All that checking on may change. The scope at hand is meant: a part that is tried ends in the scope it begins in."""
    return Mark(
        tuple(getattr(checker, name).copy() for name in _COLLECTIONS),
        tuple(getattr(checker, name) for name in _VALUES),
        checker.facts.copy(),
        checker.known_sizes.copy(),
        checker.scope.copy(),
    )


def undo(checker: Checker, to: Mark) -> None:
    """Forget what was found since a mark, which stays good to be undone to again."""
    for name, then in zip(_COLLECTIONS, to.collections, strict=True):
        now = getattr(checker, name)
        if isinstance(now, list):
            now[:] = then
        else:
            now.clear()
            now.update(then)
    for name, value in zip(_VALUES, to.values, strict=True):
        setattr(checker, name, value)
    checker.facts = to.facts.copy()
    checker.known_sizes = to.known_sizes.copy()
    checker.scope.restore(to.variables)
