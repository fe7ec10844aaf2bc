"""Times of configs for several signatures in, the few configs that serve all of them nearly as well as each one's best out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Timed:
    """One signature: how often it is called, and what its default config and each candidate take, in µs; infinite where it fails."""

    signature: str
    calls: int
    default: float
    times: Sequence[float]

    @property
    def best(self) -> float:
        return min(self.default, *self.times) if self.times else self.default

    def limit(self, within: float) -> float:
        return self.best * (1 + within)


@dataclass(frozen=True)
class FewConfigs:
    """`kept` are numbers of candidates; `choices` give, by signature, a position in `kept`, or None for the default config."""

    kept: tuple[int, ...]
    choices: Mapping[str, int | None]


def few_configs(signatures: Sequence[Timed], within: float) -> FewConfigs:
    """Every signature gets a config that takes at most `within` (0.03 is three per cent) more than the best measured for it.

    The default config is always there and costs nothing. Then greedily: the candidate that serves most of the calls not served yet (of
    equals, the one with the least total time), and those out again that the later ones made needless. Equal input gives equal output.
    """
    candidates = range(max((len(timed.times) for timed in signatures), default=0))
    unserved = [timed for timed in signatures if not timed.default <= timed.limit(within) and math.isfinite(timed.best)]
    kept: list[int] = []
    while unserved:
        gains = {candidate: _gain(candidate, unserved, within) for candidate in candidates}
        chosen = max(candidates, key=gains.__getitem__)
        kept.append(chosen)
        unserved = [timed for timed in unserved if not timed.times[chosen] <= timed.limit(within)]
    for candidate in tuple(kept):
        others = [other for other in kept if other != candidate]
        if all(_serves(timed, others, within) for timed in signatures):
            kept = others
    return FewConfigs(tuple(kept), {timed.signature: _choice(timed, kept) for timed in signatures})


def _gain(candidate: int, unserved: Sequence[Timed], within: float) -> tuple[int, float]:
    """Calls served, then speed over all that are not served."""
    served = [timed for timed in unserved if timed.times[candidate] <= timed.limit(within)]
    return sum(max(1, timed.calls) for timed in served), -sum(timed.times[candidate] / timed.best for timed in unserved)


def _serves(timed: Timed, kept: Sequence[int], within: float) -> bool:
    return min(timed.default, *(timed.times[number] for number in kept), math.inf) <= timed.limit(within)


def _choice(timed: Timed, kept: Sequence[int]) -> int | None:
    """The fastest of those kept; None when the default is as fast."""
    best = min(range(len(kept)), key=lambda position: timed.times[kept[position]], default=None)
    return None if best is None or timed.times[kept[best]] >= timed.default else best
