"""A population of configs, each replaced when a recombination of others is faster."""

from __future__ import annotations

import random
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass

from helion.autotune.search import Proposals, SearchSpace
from helion.autotune.searches.gain import is_gain
from helion.autotune.searches.screened_space import Prior, ScreenedSpace
from helion.autotune.slot_values import config_of, moved, slots_of, values_of
from helion.config.config import Config
from helion.trials.trial import Trial

_ATTEMPTS = 20

PopulationSteps = Generator[Sequence[Config], Sequence[Trial], list[Trial]]
Challenge = Callable[[Sequence[Trial], int], Config]


@dataclass(frozen=True)
class DifferentialEvolutionSearch:
    """The first generation is twice `population_size`; the faster half is kept. Then every member is challenged by a mix of itself and
    of another moved along the difference of two more, each slot from the mix with probability `crossover_rate`.

    With `immediate_update` a better challenger takes part at once, which judges one config at a time; else after its generation.
    The search ends after `max_generations`, or once `patience` generations in a row gained less than `min_improvement_delta`
    (relative) or, of times that are `measured`, than their noise. Whatever the patience, it ends where a generation gains nothing and
    all members are level with the best: then their differences, by which it moves, tell nothing.

    What `prior` guesses to take `hopeless` times as long is not tried: of random configs beside the best guess, of a challenger beside
    the member it challenges, which was tried, so that a wrong guess keeps nobody from where the population is.
    """

    population_size: int = 40
    max_generations: int = 40
    crossover_rate: float = 0.8
    immediate_update: bool | None = None
    min_improvement_delta: float | None = None
    patience: int | None = None
    seeds: tuple[Config, ...] = ()
    prior: Prior | None = None
    hopeless: float = 8.0
    measured: bool = True
    name: str = "differential evolution"

    def proposals(self, space: SearchSpace, rng: random.Random) -> Proposals:
        history: list[Trial] = []
        screened = ScreenedSpace(space, self.prior, self.hopeless)
        population = yield from self._first_population(screened, rng, history)
        if not population:
            return
        stale, best = 0, min(population, key=_time)
        for generation in range(self.max_generations):
            challenge = self.challengers(screened, rng, history, generation)
            population = yield from self._generation(population, challenge, history)
            fastest = min(population, key=_time)
            if is_gain(best, fastest, self.min_improvement_delta or 0.0, measured=self.measured):
                stale, best = 0, fastest
            else:
                stale += 1
            if stale and (self._is_level(population) or (self.patience is not None and stale >= self.patience)):
                return

    def _is_level(self, population: Sequence[Trial]) -> bool:
        """Whether no member is slower than another by more than the noise; one alone has no differences to move by in any case."""
        fastest, slowest = min(population, key=_time), max(population, key=_time)
        return len(population) > 1 and slowest.succeeded and not is_gain(slowest, fastest, 0.0, measured=self.measured)

    def _first_population(self, screened: ScreenedSpace, rng: random.Random, history: list[Trial]) -> PopulationSteps:
        given = (screened.space.default(), *self.seeds)
        history += yield given
        history += yield tuple(screened.sample(rng) for _ in range(max(0, 2 * self.population_size - len(given))))
        return sorted(history, key=_time)[: self.population_size]

    def _generation(self, population: list[Trial], challenge: Challenge, history: list[Trial]) -> PopulationSteps:
        members = list(range(len(population)))
        for batch in [[index] for index in members] if self.immediate_update else [members]:
            trials = yield tuple(challenge(population, index) for index in batch)
            history += trials
            for index, trial in zip(batch, trials, strict=True):
                if trial.microseconds < population[index].microseconds:
                    population = [*population[:index], trial, *population[index + 1 :]]
        return population

    def challengers(self, screened: ScreenedSpace, rng: random.Random, history: Sequence[Trial], generation: int) -> Challenge:
        """How the members of one generation are challenged."""
        return lambda population, index: self.challenger(screened, rng, population, index)

    def challenger(self, screened: ScreenedSpace, rng: random.Random, population: Sequence[Trial], index: int) -> Config:
        """A recombination for one member; a fresh config when the space admits none."""
        space, member = screened.space, population[index].config
        own = values_of(space, member)
        others = [trial for i, trial in enumerate(population) if i != index]
        slots = slots_of(space)
        for _ in range(_ATTEMPTS if len(others) >= 3 else 0):
            a, b, c = (values_of(space, trial.config) for trial in rng.sample(others, 3))
            forced = rng.randrange(len(slots))
            mixed = [
                moved(slot, *values) if i == forced or rng.random() < self.crossover_rate else own[i]
                for i, (slot, *values) in enumerate(zip(slots, a, b, c, strict=True))
            ]
            found = config_of(space, mixed)
            if found is not None and found != member and not screened.is_hopeless(found, beside=member):
                return found
        return screened.sample(rng)


def _time(trial: Trial) -> float:
    return trial.microseconds
