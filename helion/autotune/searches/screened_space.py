"""A config space and a guess of times in, configs that are worth compiling out: those the guess does not put far behind."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from helion.autotune.search import SearchSpace
from helion.config.config import Config

Prior = Callable[[Config], float]

_ATTEMPTS = 20
# One draw in so many is taken unseen: where the guess is wrong about a region, something of it is tried all the same.
_UNSEEN = 8


@dataclass
class ScreenedSpace:
    """`prior` guesses a time without compiling. A config is `hopeless` when its guess is more than so many times the least so far, of
    which the default's is the first: what is so far behind is also what compilers take longest for. None is without a prior."""

    space: SearchSpace
    prior: Prior | None
    hopeless: float
    _guesses: dict[Config, float] = field(default_factory=dict[Config, float])
    _least: float = math.inf

    def __post_init__(self) -> None:
        if self.prior is not None:
            self.guess(self.space.default())

    def guess(self, config: Config) -> float:
        """Its time without a compilation, in µs; 0 without a prior."""
        if config not in self._guesses:
            self._guesses[config] = 0.0 if self.prior is None else self.prior(config)
            self._least = min(self._least, self._guesses[config])
        return self._guesses[config]

    def is_hopeless(self, config: Config, beside: Config | None = None) -> bool:
        """`beside` is a config that was measured and is good: what the guess does not put far behind it is worth as much trust."""
        trusted = 0.0 if beside is None else self.guess(beside)
        return self.guess(config) > self.hopeless * max(self._least, trusted)

    def sample(self, rng: random.Random) -> Config:
        """One drawn at random, again where it is hopeless; where all of many draws are, the last, so that a search never lacks one."""
        drawn = self.space.sample(rng)
        if self.prior is None or rng.randrange(_UNSEEN) == 0:
            return drawn
        for _ in range(_ATTEMPTS):
            if not self.is_hopeless(drawn):
                break
            drawn = self.space.sample(rng)
        return drawn
