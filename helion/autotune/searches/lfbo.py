"""Pattern search whose neighbours, several steps wide, are chosen by a forest that learned what the fastest trials have in common."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from helion import exc
from helion.autotune.search import Proposals, SearchSpace
from helion.autotune.searches.forest import Promise, promise_of, require_forests
from helion.autotune.searches.pattern import Path, PatternSearch
from helion.autotune.slot_values import config_of, is_scale, nearest_step, scale_of, slots_of, values_of
from helion.config.config import Config
from helion.config.knobs import Slot
from helion.trials.trial import Trial

_POPULATIONS = (None, "from_random", "from_best_available")


@dataclass(frozen=True)
class LFBOPatternSearch(PatternSearch):
    """Likelihood-free Bayesian optimization around the best configs: of `num_neighbors` drawn around each path, with up to `radius`
    slots changed, the share `frac_selected` is tried that a classifier of the fastest `quantile` likes best. A path ends after
    `patience` generations without a gain."""

    frac_selected: float = 0.10
    num_neighbors: int = 300
    radius: int = 2
    quantile: float = 0.1
    patience: int = 1
    name: str = "LFBO pattern"

    def __post_init__(self) -> None:
        require_forests(type(self).__name__)

    @property
    def most_stale(self) -> int:
        return self.patience

    @property
    def draws(self) -> int:
        """How many neighbours of a path are drawn to choose from."""
        return self.num_neighbors

    def batches(self, space: SearchSpace, rng: random.Random, paths: Sequence[Path], history: Sequence[Trial]) -> list[tuple[Config, ...]]:
        tried = {trial.config for trial in history}
        drawn = [[c for c in self._drawn(space, rng, path.best.config) if c not in tried] for path in paths]
        together = [config for batch in drawn for config in batch]
        promise = promise_of(space, history, together, self.quantile) if together else None
        count = max(1, round(self.frac_selected * self.draws))
        if promise is None:
            return [tuple(batch[:count]) for batch in drawn]
        chosen: list[tuple[Config, ...]] = []
        start = 0
        for batch in drawn:
            indices = range(start, start + len(batch))
            chosen.append(tuple(together[index] for index in self.select(promise, indices, count)))
            start += len(batch)
        return chosen

    def select(self, promise: Promise, indices: Sequence[int], count: int) -> list[int]:
        """The most promising."""
        return sorted(indices, key=lambda index: -promise.probabilities[index])[:count]

    def _drawn(self, space: SearchSpace, rng: random.Random, config: Config) -> list[Config]:
        slots, values = slots_of(space), values_of(space, config)
        movable = [index for index, slot in enumerate(slots) if len(slot.choices) > 1]
        found: dict[Config, None] = {}
        for _ in range(self.draws if movable else 0):
            changed = list(values)
            for index in rng.sample(movable, min(len(movable), rng.randint(1, self.radius))):
                changed[index] = self._step(slots[index], values[index], rng)
            admitted = config_of(space, changed)
            if admitted is not None and admitted != config:
                found[admitted] = None
        return list(found)

    def _step(self, slot: Slot, value: Any, rng: random.Random) -> Any:
        """Up to `radius` steps along a scale; any other name."""
        if not is_scale(slot):
            return rng.choice([choice for choice in slot.choices if choice != value])
        scale = scale_of(slot)
        at = nearest_step(scale, value)
        near = range(max(0, at - self.radius), min(len(scale), at + self.radius + 1))
        return scale[rng.choice([step for step in near if scale[step] != value])]


@dataclass(frozen=True)
class LFBOTreeSearch(LFBOPatternSearch):
    """The same, but a batch is spread out: each next config is valued less by `similarity_penalty` times the share of trees that do not
    tell it from one chosen before. At most `num_neighbors_cap` neighbours are drawn, unless it is negative.

    With `initial_population_strategy` "from_best_available" it starts at the default and the seeds, and at random configs only if
    `best_available_pad_random`. After the search, `finishing_rounds` times, the best config is tried with each slot that differs from
    the default put back to it: what is plainer and no slower wins.

    `compile_timeout_lower_bound` and `compile_timeout_quantile` are for those who compile what it proposes: a compilation may take so many
    seconds, or as long as so large a share of those before, if that is more.
    """

    num_neighbors: int = 200
    similarity_penalty: float = 1.0
    num_neighbors_cap: int = -1
    initial_population_strategy: str | None = None
    best_available_pad_random: bool = True
    finishing_rounds: int = 0
    compile_timeout_lower_bound: float = 30.0
    compile_timeout_quantile: float = 0.9
    name: str = "LFBO tree"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.initial_population_strategy not in _POPULATIONS:
            words = f"initial_population_strategy is {self.initial_population_strategy!r}; one of {', '.join(map(repr, _POPULATIONS))}"
            raise exc.InvalidSetting(words)

    def starting_points(self, space: SearchSpace, rng: random.Random) -> tuple[Config, ...]:
        only_known = self.initial_population_strategy == "from_best_available" and not self.best_available_pad_random
        return () if only_known else super().starting_points(space, rng)

    def proposals(self, space: SearchSpace, rng: random.Random) -> Proposals:
        history = yield from self.climb(space, rng)
        best = min(history, key=_time)
        for _ in range(self.finishing_rounds if best.succeeded else 0):
            trials = yield plainer(space, best.config)
            fastest = min(trials, key=_time, default=best)
            if fastest.microseconds > best.microseconds:
                return
            best = fastest

    @property
    def draws(self) -> int:
        return self.num_neighbors if self.num_neighbors_cap < 0 else min(self.num_neighbors, self.num_neighbors_cap)

    def select(self, promise: Promise, indices: Sequence[int], count: int) -> list[int]:
        remaining, chosen = list(indices), list[int]()
        alike = dict.fromkeys(remaining, 0.0)
        while remaining and len(chosen) < count:
            best = max(remaining, key=lambda index: promise.probabilities[index] - self.similarity_penalty * alike[index])
            remaining.remove(best)
            chosen.append(best)
            for index in remaining:
                alike[index] = max(alike[index], promise.likeness(index, best))
        return chosen


def plainer(space: SearchSpace, config: Config) -> tuple[Config, ...]:
    """The config with one slot put back to the default's value, for each slot that differs."""
    values, plain = values_of(space, config), values_of(space, space.default())
    changed = (index for index, (value, usual) in enumerate(zip(values, plain, strict=True)) if value != usual)
    found = (config_of(space, [*values[:index], plain[index], *values[index + 1 :]]) for index in changed)
    return tuple(dict.fromkeys(other for other in found if other is not None and other != config))


def _time(trial: Trial) -> float:
    return trial.microseconds
