"""Fragments whose values are lists: several values of one kind, or an order; knows no kernel."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Any

from helion.config.fragments import Draw, Fragment, drawer
from helion.types.untyped import is_sequence

_MOST_CHOICES = 256


@dataclass(frozen=True)
class ListOf:
    """`length` values of `inner`, tuned one at a time."""

    inner: Fragment
    length: int

    def default(self) -> list[Any]:
        return [self.inner.default() for _ in range(self.length)]

    def random(self, rng: Draw = None) -> list[Any]:
        return [self.inner.random(rng) for _ in range(self.length)]

    def pattern_neighbors(self, current: list[Any]) -> list[list[Any]]:
        return [
            [*current[:index], value, *current[index + 1 :]]
            for index, item in enumerate(current)
            for value in self.inner.pattern_neighbors(item)
        ]

    def differential_mutation(self, a: list[Any], b: list[Any], c: list[Any]) -> list[Any]:
        return [self.inner.differential_mutation(*items) for items in zip(a, b, c, strict=True)]

    def encode(self, value: list[Any]) -> list[float]:
        return [number for item in value for number in self.inner.encode(item)]

    def dim(self) -> int:
        return self.length * self.inner.dim()

    def choices(self) -> tuple[list[Any], ...]:
        """Of many, the first few hundred: searches draw lists with `random` instead."""
        every = itertools.product(self.inner.choices(), repeat=self.length)
        return tuple(list(values) for values in itertools.islice(every, _MOST_CHOICES))

    def accepts(self, value: object) -> bool:
        return is_sequence(value) and len(value) == self.length and all(self.inner.accepts(v) for v in value)

    def allowed(self) -> str:
        return f"a list of {self.length}: of each, {self.inner.allowed()}"


@dataclass(frozen=True)
class PermutationFragment:
    """An order of `range(length)`; the default is the order as it stands."""

    length: int

    def default(self) -> list[int]:
        return list(range(self.length))

    def random(self, rng: Draw = None) -> list[int]:
        return drawer(rng).sample(range(self.length), self.length)

    def pattern_neighbors(self, current: list[int]) -> list[list[int]]:
        """Every swap of two."""
        return [_swapped(current, i, j) for i, j in itertools.combinations(range(self.length), 2)]

    def differential_mutation(self, a: list[int], b: list[int], c: list[int]) -> list[int]:
        """`a`, rearranged as `c` is to become `b`."""
        moved = dict(zip(c, b, strict=True))
        return [moved[item] for item in a]

    def encode(self, value: list[int]) -> list[float]:
        return [float(item) for item in value]

    def dim(self) -> int:
        return self.length

    def choices(self) -> tuple[list[int], ...]:
        every = itertools.permutations(range(self.length))
        return tuple(list(order) for order in itertools.islice(every, min(_MOST_CHOICES, math.factorial(self.length))))

    def accepts(self, value: object) -> bool:
        return is_sequence(value) and sorted(value) == list(range(self.length))

    def allowed(self) -> str:
        return f"it must be an order of 0 to {self.length - 1}"


def _swapped(order: list[int], i: int, j: int) -> list[int]:
    swapped = list(order)
    swapped[i], swapped[j] = swapped[j], swapped[i]
    return swapped
