"""A function of pieces of source in, the same that remembers its answers out, for as many lines of source as fit a limit.

A tree takes kilobytes a line, and somebody who types makes a new version of a kernel with every key: counting answers would keep either
too few of a file with many short statements or hundreds of versions of a long one.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar, TypeVarTuple

LINES = 8192  # of trees, some 16 MB

Ts = TypeVarTuple("Ts")
R = TypeVar("R")


def remembered(lines_of: Callable[[*Ts], int], most: int = LINES) -> Callable[[Callable[[*Ts], R]], Callable[[*Ts], R]]:
    """`lines_of` says how long the source of some arguments is, which must be hashable.

    What was asked for since half of the limit was reached is kept, and what was asked for in the half before it: finding an answer that
    was just asked for is one look into one table, which is what a key press does hundreds of times.
    """

    def decorate(function: Callable[[*Ts], R]) -> Callable[[*Ts], R]:
        recent: dict[tuple[*Ts], R] = {}
        before: dict[tuple[*Ts], R] = {}
        lines = 0

        @wraps(function)
        def look(*args: *Ts) -> R:
            nonlocal recent, before, lines
            newest, older = recent, before  # another thread may put other tables in their places meanwhile
            if args in newest:
                return newest[args]
            answer = older[args] if args in older else function(*args)
            if lines >= most // 2:
                recent, before, lines = {}, recent, 0
            recent[args] = answer
            lines += lines_of(*args)
            return answer

        return look

    return decorate
