"""A config space and forced values in, the space of configs with these values out."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from helion.autotune.search import SearchSpace
from helion.config.config import Config


class NormalizingSpace(SearchSpace, Protocol):
    def normalize(self, config: Config) -> Config: ...

    def fingerprint(self) -> str: ...


@dataclass(frozen=True)
class OverriddenSpace:
    """Every config of `space` with `overrides` put in and normalized again."""

    space: NormalizingSpace
    overrides: Mapping[str, object]

    def default(self) -> Config:
        return self.normalize(self.space.default())

    def sample(self, rng: random.Random) -> Config:
        return self.normalize(self.space.sample(rng))

    def neighbours(self, config: Config) -> list[Config]:
        found = dict.fromkeys(self.normalize(neighbour) for neighbour in self.space.neighbours(config))
        return [neighbour for neighbour in found if neighbour != config]

    def normalize(self, config: Config) -> Config:
        return self.space.normalize(Config(**{**config, **self.overrides}))

    def fingerprint(self) -> str:
        return f"{self.space.fingerprint()} with {sorted(self.overrides.items())}"
