"""A search, a space, a code generator and an evaluator in, the trials out, within a budget; knows no kernels and no processes."""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any

from helion.autotune.candidate import Candidate
from helion.autotune.evaluator import Evaluator
from helion.autotune.events import GenerationStarted, TrialEnded, TuningEvent, TuningProgress
from helion.autotune.search import Search, SearchSpace
from helion.autotune.trial_log import TrialLog
from helion.codegen.triton_module import TritonModule
from helion.config.config import Config
from helion.trials.trial import Failure, Outcome, Trial, failure_histogram

Generate = Callable[[Config], TritonModule]


@dataclass(frozen=True)
class Limits:
    """When to stop: after `seconds` of wall clock, but not before the first config proposed is judged, so that the shortest budget
    still tells whether the default works, nor before `least_trials` are; and as soon as `cancelled()` says so."""

    seconds: float
    cancelled: Callable[[], bool] = lambda: False
    least_trials: int = 1


@dataclass
class SearchRun:
    """The state of one search. `reason` says what ended it: "exhausted", "budget" or "cancelled"."""

    search: Search
    space: SearchSpace
    generate: Generate
    evaluator: Evaluator
    log: TrialLog
    limits: Limits
    emit: Callable[[TuningEvent], None]
    trials: list[Trial] = field(default_factory=list[Trial])
    reason: str = "exhausted"
    _by_config: dict[Config, Trial] = field(default_factory=dict[Config, Trial])
    _by_code: dict[str, Trial] = field(default_factory=dict[str, Trial])
    _resumed: dict[str, Trial] = field(default_factory=dict[str, Trial])
    _waiting: dict[str, list[Config]] = field(default_factory=dict[str, list[Config]])
    _first: Config | None = None
    _default: Trial | None = None
    _best: Trial | None = None
    _proposed: int = 0
    _generation: int = -1
    _started: float = field(default_factory=time.monotonic)

    def run(self, rng: random.Random) -> None:
        """Run the strategy until it ends, the budget is spent or it is cancelled; trials collect in `trials`."""
        self._resumed = {trial.code: trial for trial in self.log.resumed if trial.code}
        self._started = time.monotonic()
        with closing(self.search.proposals(self.space, rng)) as proposals:
            answers: Sequence[Trial] | None = None
            while not self._must_stop():
                try:
                    batch = next(proposals) if answers is None else proposals.send(answers)
                except StopIteration:
                    return
                self._propose(batch)
                self._judge(batch)
                if self._must_stop():
                    return
                answers = [self._by_config[config] for config in batch]

    def _propose(self, batch: Sequence[Config]) -> None:
        self._proposed += len(batch)
        self._generation += 1
        if self._first is None and batch:
            self._first = batch[0]
        self.emit(GenerationStarted(self._generation, len(dict.fromkeys(batch))))

    def candidate(self, trial: Trial) -> Candidate:
        """The trial's candidate, generated again."""
        return Candidate(trial.config, self.generate(trial.config), trial.code)

    def trial_of(self, config: Config) -> Trial | None:
        """What came of a config, or of the one with the same code that was tried for it."""
        return self._by_config.get(config)

    def best_first(self) -> list[Trial]:
        """The trials that have a time, fastest first."""
        return sorted((trial for trial in self.trials if trial.succeeded), key=lambda trial: trial.microseconds)

    def _must_stop(self) -> bool:
        if self.limits.cancelled():
            self.reason = "cancelled"
        elif self._has_least and time.monotonic() - self._started >= self.limits.seconds:
            self.reason = "budget"
        else:
            return False
        return True

    @property
    def _has_least(self) -> bool:
        return self._first in self._by_config and len(self.trials) >= self.limits.least_trials

    def _judge(self, batch: Sequence[Config]) -> None:
        self._waiting = {}
        with closing(self.evaluator.evaluate(self._candidates(batch))) as results:
            for judged in results:
                if judged is not None:
                    candidate, outcome = judged
                    self._record(candidate.config, candidate.code, outcome)
                    for config in self._waiting.pop(candidate.code):
                        self._by_config[config] = self._by_code[candidate.code]
                if self._must_stop():
                    return

    def _candidates(self, batch: Sequence[Config]) -> Iterator[Candidate]:
        """New candidates of a batch, in order; what is known already is answered on the way, the same code waits for its first config."""
        for config in dict.fromkeys(batch):
            if self._must_stop():
                return
            if config in self._by_config:
                continue
            try:
                module = self.generate(config)
            except Exception as error:  # noqa: BLE001 - a config that no code can be generated for is a failed trial
                self._record(config, "", Outcome(failure=Failure("codegen", f"{type(error).__name__}: {error}")))
                continue
            code = code_of(module)
            if code not in self._by_code and code in self._resumed:
                self._keep(replace(self._resumed[code], index=len(self.trials), config=config, generation=self._generation))
            if code in self._by_code:
                self._by_config[config] = self._by_code[code]
            elif code in self._waiting:
                self._waiting[code].append(config)
            else:
                self._waiting[code] = []
                yield Candidate(config, module, code)

    def _record(self, config: Config, code: str, outcome: Outcome) -> None:
        trial = Trial(len(self.trials), config, code, outcome, self._generation)
        self.log.append(trial)
        self._keep(trial)

    def _keep(self, trial: Trial) -> None:
        self.trials.append(trial)
        self._by_config[trial.config] = trial
        if trial.code:
            self._by_code[trial.code] = trial
        if trial.config == self.space.default():
            self._default = trial
        improved = trial.succeeded and (self._best is None or trial.microseconds < self._best.microseconds)
        if improved:
            self._best = trial
        self.emit(TrialEnded(trial))
        self.emit(self._progress(trial, improved=improved))

    def _progress(self, trial: Trial, *, improved: bool) -> TuningProgress:
        elapsed = time.monotonic() - self._started
        best_config: dict[str, Any] | None = None if self._best is None else dict(self._best.config)
        return TuningProgress(
            trials=self._proposed,
            distinct=len(self.trials),
            elapsed_seconds=round(elapsed, 3),
            seconds_left=round(max(0.0, self.limits.seconds - elapsed), 3),
            best_us=None if self._best is None else self._best.outcome.microseconds,
            default_us=None if self._default is None else self._default.outcome.microseconds,
            latest_us=trial.outcome.microseconds,
            improved=improved,
            best_config=best_config if improved else None,
            failures=failure_histogram(self.trials),
        )


def code_of(module: TritonModule) -> str:
    """A hash of what is executed: the text and the launch plan."""
    return hashlib.sha256(f"{module.text}\0{module.launch!r}".encode()).hexdigest()[:24]
