"""Two shapes with as many elements in, the runs of their dims that hold the same elements out: what a reshape splits and merges."""

from __future__ import annotations

from dataclasses import dataclass

import sympy

from helion.types.dims import Dim, dim


@dataclass(frozen=True)
class DimGroup:
    """Positions in the shape before and in the one after; dims of size 1 are in no group."""

    before: tuple[int, ...]
    after: tuple[int, ...]

    @property
    def is_kept(self) -> bool:
        return len(self.before) == len(self.after) == 1


def dim_groups(before: tuple[Dim, ...], after: tuple[Dim, ...]) -> tuple[DimGroup, ...]:
    """The smallest groups, in order. What does not come out even at the end is one group."""
    left = [i for i, size in enumerate(before) if size != 1]
    right = [i for i, size in enumerate(after) if size != 1]
    groups: list[DimGroup] = []
    i = j = 0
    while i < len(left) or j < len(right):
        a, b = i, j
        i, j = min(i + 1, len(left)), min(j + 1, len(right))
        while (i < len(left) or j < len(right)) and not _same(_product(before, left[a:i]), _product(after, right[b:j])):
            if j == len(right) or (i < len(left) and _is_smaller(_product(before, left[a:i]), _product(after, right[b:j]))):
                i += 1
            else:
                j += 1
        groups.append(DimGroup(tuple(left[a:i]), tuple(right[b:j])))
    return tuple(groups)


def _product(shape: tuple[Dim, ...], positions: list[int]) -> Dim:
    return sympy.Mul(*(shape[i] for i in positions)) if positions else dim(1)


def _same(left: Dim, right: Dim) -> bool:
    return left == right or sympy.expand(left - right) == 0


def _is_smaller(left: Dim, right: Dim) -> bool:
    """Whether the left product lacks a factor of the right one; with symbols, whether the right is a multiple of it."""
    quotient = sympy.cancel(right / left)
    return sympy.denom(quotient) == 1
