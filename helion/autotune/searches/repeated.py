"""A search run several times, each from other random numbers; what an earlier run tried costs the later ones nothing."""

from __future__ import annotations

import random
from dataclasses import dataclass

from helion.autotune.search import Proposals, Search, SearchSpace


@dataclass(frozen=True)
class RepeatedSearch:
    """`search`, `times` times; the best of all runs wins."""

    search: Search
    times: int

    @property
    def name(self) -> str:
        return f"{self.search.name}, {self.times} times"

    def proposals(self, space: SearchSpace, rng: random.Random) -> Proposals:
        for _ in range(self.times):
            yield from self.search.proposals(space, random.Random(rng.getrandbits(64)))
