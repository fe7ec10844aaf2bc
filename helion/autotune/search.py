"""What a search strategy is, and the little it may know of a config space."""

from __future__ import annotations

import random
from collections.abc import Generator, Mapping, Sequence
from typing import Any, Protocol

from helion.config.config import Config
from helion.config.space import KnobSlots
from helion.trials.trial import Trial


class SearchSpace(Protocol):
    """The part of a config space that searching needs. All configs out are normalized."""

    @property
    def knobs(self) -> tuple[KnobSlots, ...]:
        """Everything tunable, with the values a search may try."""
        ...

    def default(self) -> Config: ...

    def sample(self, rng: random.Random) -> Config:
        """One config drawn at random."""
        ...

    def neighbours(self, config: Config) -> list[Config]:
        """The configs one knob away."""
        ...

    def admit(self, config: Mapping[str, Any]) -> Config | None:
        """A config put together by a strategy, in its normal form; None when what the user demands of configs excludes it."""
        ...


Proposals = Generator[Sequence[Config], Sequence[Trial], None]


class Search(Protocol):
    """A strategy. `proposals` yields batches of configs and is sent their trials, in the same order, until it ends or is closed.

    Strategies may repeat themselves: a config, or another one with the same code, is never judged twice. Given the same generator
    of random numbers and the same answers, a strategy must propose the same configs, because resuming replays it from the log.
    """

    @property
    def name(self) -> str: ...

    def proposals(self, space: SearchSpace, rng: random.Random) -> Proposals: ...
