"""The default config, then configs drawn at random, until a count or the budget ends it."""

from __future__ import annotations

import random
from dataclasses import dataclass

from helion.autotune.search import Proposals, SearchSpace
from helion.config.config import Config

_BATCH = 16


@dataclass(frozen=True)
class RandomSearch:
    """`count` configs beside the default one and the seeds."""

    count: int = 1000
    seeds: tuple[Config, ...] = ()
    name: str = "random"

    def proposals(self, space: SearchSpace, rng: random.Random) -> Proposals:
        yield (space.default(), *self.seeds)
        for start in range(0, self.count, _BATCH):
            yield tuple(space.sample(rng) for _ in range(min(_BATCH, self.count - start)))
