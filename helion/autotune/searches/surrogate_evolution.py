"""Differential evolution whose challengers are chosen, from several, by a forest that learned from the trials so far."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from helion.autotune.searches.differential_evolution import Challenge, DifferentialEvolutionSearch
from helion.autotune.searches.forest import require_forests, time_guess
from helion.autotune.searches.screened_space import ScreenedSpace
from helion.config.config import Config
from helion.trials.trial import Trial


@dataclass(frozen=True)
class DESurrogateHybrid(DifferentialEvolutionSearch):
    """From `surrogate_threshold` trials on, of `candidate_ratio` challengers the one with the best guess is tried. The forest of
    `n_estimators` trees learns anew every `refit_frequency` generations."""

    patience: int | None = 3
    surrogate_threshold: int = 100
    candidate_ratio: int = 3
    refit_frequency: int = 5
    n_estimators: int = 50
    name: str = "differential evolution with a surrogate"

    def __post_init__(self) -> None:
        require_forests(type(self).__name__)

    def challengers(self, screened: ScreenedSpace, rng: random.Random, history: Sequence[Trial], generation: int) -> Challenge:
        known = self._known(history, generation)
        if known < self.surrogate_threshold or not any(trial.succeeded for trial in history[:known]):
            return super().challengers(screened, rng, history, generation)
        guess = time_guess(screened.space, history[:known], self.n_estimators)

        def chosen(population: Sequence[Trial], index: int) -> Config:
            drawn = [self.challenger(screened, rng, population, index) for _ in range(self.candidate_ratio)]
            guesses = guess(drawn)
            return drawn[guesses.index(min(guesses))]

        return chosen

    def _known(self, history: Sequence[Trial], generation: int) -> int:
        """How many trials there were when the forest last learned."""
        since = generation % self.refit_frequency
        return len(history) - since * self.population_size
