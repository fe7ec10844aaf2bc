"""How long a candidate is timed: successive halving, four times as many repetitions each for those that are still near the best."""

from __future__ import annotations

import statistics
from collections.abc import Callable

# A median may be over the best's time by so large a share of it, after the first repetitions. Four times as many have half the error, so
# half of that is left each time.
FIRST_EXCESS = 0.5
_MORE = 4


def halving(first: list[float], repeat: Callable[[int], list[float]], wanted: int, best: float | None) -> list[float]:
    """The first times in µs and those of further repetitions, until there are `wanted`, or until the candidate is too far behind `best`,
    which is None where there is nothing to be behind."""
    times, excess = list(first), FIRST_EXCESS
    while len(times) < wanted:
        if best is None:
            return times + repeat(wanted - len(times))
        if statistics.median(times) > best * (1 + excess):
            return times
        times += repeat(min(wanted, _MORE * len(times)) - len(times))
        excess /= 2
    return times
