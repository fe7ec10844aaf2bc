"""Compiled candidates in, those that are not worth running out: judged by what the compiler gave them, beside the fastest that ran."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from helion.autotune.candidate import Candidate
from helion.config.config import Config
from helion.offline.artifact import Artifact
from helion.trials.trial import Failure

# A candidate is not run when its estimate is over so many times that of the fastest that ran. Of all such pairs among the random configs
# that were measured on an H200 (`benchmarks/results/h200/model_correlation.json`) none was faster after all; of 6 times, two were.
FACTOR = 8.0


@dataclass
class Hopeless:
    """`estimator` gives µs for a compiled candidate: spilled registers, and how many programs fit beside each other, are in it. Configs
    that are `spared` run in any case: those that a winner is compared with, and those that somebody asked for."""

    estimator: Callable[[Candidate, Artifact], float]
    spared: frozenset[Config] = frozenset()
    _estimates: dict[str, float] = field(default_factory=dict[str, float])
    _fastest: tuple[float, float] | None = None

    def failure_of(self, candidate: Candidate, artifact: Artifact) -> Failure | None:
        """Why the candidate is not to be run; None when it is."""
        estimate = self._estimates[candidate.code] = self.estimator(candidate, artifact)
        if self._fastest is None or candidate.config in self.spared or estimate <= FACTOR * self._fastest[1]:
            return None
        times = f"estimated at {estimate:.0f} µs, {estimate / self._fastest[1]:.0f} times what the fastest is estimated at"
        held = f"{artifact.registers} registers, {artifact.spills} spilled, {artifact.shared_memory} bytes of shared memory"
        return Failure("hopeless", f"{times}: {held}, {artifact.occupancy.blocks} programs a multiprocessor")

    def ran(self, candidate: Candidate, microseconds: float) -> None:
        """A candidate was measured. One that was not compiled ahead has no estimate, and nothing to compare others with."""
        estimate = self._estimates.get(candidate.code)
        if estimate is not None and (self._fastest is None or microseconds < self._fastest[0]):
            self._fastest = (microseconds, estimate)
