"""Random starting points, then the neighbours of the best ones, one knob and pairs of block sizes at a time, while that improves."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from helion.autotune.search import Proposals, SearchSpace
from helion.autotune.searches.gain import is_gain
from helion.autotune.searches.screened_space import Prior, ScreenedSpace
from helion.config.config import Config
from helion.trials.trial import Trial


@dataclass(frozen=True)
class Path:
    """One point that climbs: its best trial, for how many generations in a row it gained nothing, and what it last gained, in µs."""

    best: Trial
    stale: int = 0
    gain: float = math.inf


@dataclass(frozen=True)
class PatternSearch:
    """Hill climbing from several points at once.

    `initial_population` random configs and the seeds start it; the best `copies` become paths. Each generation tries the
    neighbours of every path's best config; a path that gains less than `min_improvement_delta` (relative) ends, and so does one
    that gains no more than the noise of its times, where those are `measured`: the least of many noisy times is always a little
    less, so nothing more is to be expected there. An estimate has an error and no noise, and small gains add up. A path that is
    behind the best of all ends, too, when all generations left, at what it last gained, would not take it there: gains grow smaller.
    `max_neighbours` limits one path's batch. `prior` guesses a time without compiling: `oversample` times as many configs are drawn,
    and the batches hold those it likes best. Half of the start is drawn at random, so that a wrong guess cannot hide a region, but from
    what the guess puts within `hopeless` times of the best: the rest are compilers' nightmares.
    """

    initial_population: int = 100
    copies: int = 5
    max_generations: int = 20
    min_improvement_delta: float = 0.001
    max_neighbours: int = 60
    seeds: tuple[Config, ...] = ()
    prior: Prior | None = None
    oversample: int = 12
    hopeless: float = 8.0
    measured: bool = True
    name: str = "pattern"

    @property
    def most_stale(self) -> int:
        """A path that gained nothing for so many generations ends."""
        return 1

    def proposals(self, space: SearchSpace, rng: random.Random) -> Proposals:
        yield from self.climb(space, rng)

    def climb(self, space: SearchSpace, rng: random.Random) -> Generator[Sequence[Config], Sequence[Trial], list[Trial]]:
        """The search itself, and every trial of it."""
        history = list((yield (space.default(), *self.seeds)))
        history += yield self.starting_points(space, rng)
        paths = self._best_paths(history)
        for left in reversed(range(self.max_generations)):
            if not paths:
                break
            batches = self.batches(space, rng, paths, history)
            trials = yield tuple(itertools.chain.from_iterable(batches))
            history += trials
            paths = self._within_reach(self._advance(paths, batches, trials), min(history, key=_time), left)
        return history

    def starting_points(self, space: SearchSpace, rng: random.Random) -> tuple[Config, ...]:
        """What is tried after the default and the seeds."""
        if self.prior is None:
            return tuple(space.sample(rng) for _ in range(self.initial_population))
        screened, half = ScreenedSpace(space, self.prior, self.hopeless), self.initial_population * self.oversample // 2
        guesses = {config: screened.guess(config) for config in (space.sample(rng) for _ in range(half))}
        best = sorted(guesses, key=guesses.__getitem__)[: self.initial_population // 2]
        # Nothing is compiled meanwhile: guess no more often than needed.
        free = dict.fromkeys(config for config in (space.sample(rng) for _ in range(half)) if config not in guesses)
        plausible = (config for config in free if not screened.is_hopeless(config))
        return _interleaved(best, tuple(itertools.islice(plausible, self.initial_population - len(best))))

    def _best_paths(self, population: Sequence[Trial]) -> list[Path]:
        distinct = {trial.code: trial for trial in sorted(population, key=_time, reverse=True) if trial.succeeded}
        return [Path(trial) for trial in sorted(distinct.values(), key=_time)[: self.copies]]

    def batches(self, space: SearchSpace, rng: random.Random, paths: Sequence[Path], history: Sequence[Trial]) -> list[tuple[Config, ...]]:
        """What one generation tries, for each path."""
        return [self._neighbours(space, path.best.config, rng) for path in paths]

    def _neighbours(self, space: SearchSpace, config: Config, rng: random.Random) -> tuple[Config, ...]:
        singles = space.neighbours(config)
        pairs = [pair for drawn in _block_size_pairs(config, singles) if (pair := space.admit(drawn)) is not None]
        found = [c for c in dict.fromkeys((*singles, *pairs)) if c != config]
        if self.prior is not None:
            found.sort(key=self.prior)
        else:
            rng.shuffle(found)
        return tuple(found[: self.max_neighbours])

    def _advance(self, paths: Sequence[Path], batches: Sequence[Sequence[Config]], trials: Sequence[Trial]) -> list[Path]:
        remaining = iter(trials)
        advanced: dict[str, Path] = {}
        for path, batch in zip(paths, batches, strict=True):
            best = min(itertools.islice(remaining, len(batch)), key=_time, default=path.best)
            if is_gain(path.best, best, self.min_improvement_delta, measured=self.measured):
                advanced[best.code] = Path(best, gain=path.best.microseconds - best.microseconds)
            elif path.stale + 1 < self.most_stale:
                advanced.setdefault(path.best.code, Path(path.best, path.stale + 1, path.gain))
        return list(advanced.values())

    def _within_reach(self, paths: Sequence[Path], best: Trial, generations: int) -> list[Path]:
        """Those level with the best of all, and those that may still come to it."""

        def may_reach(path: Path) -> bool:
            behind = path.best.microseconds - best.microseconds
            return behind <= path.gain * generations or not is_gain(path.best, best, 0.0, measured=self.measured)

        return [path for path in paths if may_reach(path)]


def _time(trial: Trial) -> float:
    return trial.microseconds


def _interleaved(first: Sequence[Config], second: Sequence[Config]) -> tuple[Config, ...]:
    pairs = itertools.zip_longest(first, second)
    return tuple(config for pair in pairs for config in pair if config is not None)


def _block_size_pairs(config: Config, singles: Sequence[Config]) -> list[Config]:
    """Two block sizes changed at once: the neighbours that differ in one block size, combined."""
    sizes = _block_sizes(config)
    changes = {
        (index, after)
        for single in singles
        for index, (before, after) in enumerate(zip(sizes, _block_sizes(single), strict=True))
        if before != after
    }
    combined: list[Config] = []
    for (i, a), (j, b) in itertools.combinations(sorted(changes), 2):
        if i != j:
            changed = list(sizes)
            changed[i], changed[j] = a, b
            combined.append(Config.from_dict({**config, "block_sizes": changed}))
    return combined


def _block_sizes(config: Config) -> list[int]:
    sizes: Any = config.get("block_sizes", [])
    return cast("list[int]", sizes) if isinstance(sizes, list) else []  # a callable's tunable of that name is one value
