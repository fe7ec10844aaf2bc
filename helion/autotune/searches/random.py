"""The default config, then configs drawn at random, until a count or the budget ends it."""

from __future__ import annotations

import random
from dataclasses import dataclass

from helion.autotune.search import Proposals, SearchSpace
from helion.autotune.searches.screened_space import Prior, ScreenedSpace
from helion.config.config import Config

_BATCH = 16


@dataclass(frozen=True)
class RandomSearch:
    """`count` configs beside the default one and the seeds, none of which `prior` guesses to take `hopeless` times as long as the best.

    Nothing but the budget ends it sooner. One draw says nothing of the next, so what is still to be gained cannot be told from what was;
    and who asks for so many at random wants a sample of that size, to compare other searches with.
    """

    count: int = 1000
    seeds: tuple[Config, ...] = ()
    prior: Prior | None = None
    hopeless: float = 8.0
    name: str = "random"

    def proposals(self, space: SearchSpace, rng: random.Random) -> Proposals:
        yield (space.default(), *self.seeds)
        screened = ScreenedSpace(space, self.prior, self.hopeless)
        for start in range(0, self.count, _BATCH):
            yield tuple(screened.sample(rng) for _ in range(min(_BATCH, self.count - start)))
