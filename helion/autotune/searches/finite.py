"""A given list of configs, each tried once."""

from __future__ import annotations

import random
from dataclasses import dataclass

from helion.autotune.search import Proposals, SearchSpace
from helion.config.config import Config


@dataclass(frozen=True)
class FiniteSearch:
    """`configs` must be normalized by the space they are for."""

    configs: tuple[Config, ...]
    name: str = "finite"

    def proposals(self, space: SearchSpace, rng: random.Random) -> Proposals:
        yield self.configs
