"""A search, a space and an evaluator in, a `TuneResult` or a `TuneFailure` out: search, then confirm and check what it found."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from helion.autotune.evaluator import Confirmed, Correctness, Evaluator
from helion.autotune.events import TuningEvent, TuningFinished, TuningPhase, TuningStarted
from helion.autotune.measured_evaluator import MeasuringUnavailableError
from helion.autotune.result import TuneFailure, TuneResult
from helion.autotune.run_search import Generate, Limits, SearchRun
from helion.autotune.search import Search, SearchSpace
from helion.autotune.simplify import differences
from helion.autotune.trial_log import TrialLog
from helion.config.config import Config
from helion.trials.trial import Trial, failure_histogram

_FINALISTS = 3
_MOST_FINALISTS = 8
_REJECTED = "candidate rejected: its output differs from the reference (this is the tuner filtering configs, not your kernel)"
_ALL_REJECTED = "every candidate's output differs from the reference: suspect the kernel, the reference or the tolerance"


@dataclass(frozen=True)
class Tuning:
    """One tuning. `kernel` is its name, for those who watch. `confirm_seconds` of the budget are kept for confirming and checking those
    that are within the factor `confirm_within` of the best; when that is None, the best few and their ties. `simplified` gives the
    plainest config with the same code. `current` is what calls run now, when it is not the default: like it, it is confirmed in any case,
    and gives way only to what is faster by more than the noise. `least_trials` are judged however short the budget is."""

    kernel: str
    search: Search
    space: SearchSpace
    generate: Generate
    evaluator: Evaluator
    log: TrialLog
    budget_seconds: float
    seed: int = 0
    confirm_seconds: float = 0.0
    confirm_within: float | None = None
    least_trials: int = 1
    current: Config | None = None
    simplified: Callable[[Config], Config] = lambda config: config
    emit: Callable[[TuningEvent], None] = lambda event: None
    cancelled: Callable[[], bool] = lambda: False

    def run(self) -> TuneResult | TuneFailure:
        """Search until the budget is spent; always closes the evaluator."""
        started = time.monotonic()
        self.emit(self._started_event())
        search = SearchRun(
            search=self.search,
            space=self.space,
            generate=self.generate,
            evaluator=self.evaluator,
            log=self.log,
            limits=Limits(self.budget_seconds - self.confirm_seconds, self.cancelled, self.least_trials),
            emit=self.emit,
        )
        try:
            search.run(random.Random(self.seed))
            result = self._conclude(search, started)
        except MeasuringUnavailableError as error:
            result = TuneFailure("unavailable", str(error), tuple(search.trials))
        finally:
            self.evaluator.close()
        self.log.finish(result.to_json())
        self.emit(_finished_event(result, search.reason))
        return result

    def _conclude(self, search: SearchRun, started: float) -> TuneResult | TuneFailure:
        ranked = search.best_first()
        if not ranked:
            return _nothing_worked(search)
        if search.reason == "cancelled":
            best = search.candidate(ranked[0])
            confirmed = Confirmed(best, ranked[0].microseconds, ranked[0].outcome.noise)
            times = tuple(self._search_time(search, config) for config in (self.space.default(), self.current))
            return self._result(search, confirmed, times, _unchecked("cancelled"), started)
        confirmed = self._confirm(search, ranked)
        times = tuple(self._confirmed_time(search, config, confirmed) for config in (self.space.default(), self.current))
        self.emit(TuningPhase("checking the winner's results"))
        rejection = ""
        for winner in self._preferred(search, confirmed):
            correctness = self.evaluator.check(winner.candidate)
            if correctness.passed is not False:
                return self._result(search, winner, times, correctness, started)
            rejection = rejection or correctness.message
            self.emit(TuningPhase(f"{_REJECTED}: {correctness.message}"))
        return TuneFailure("wrong-results", f"{_ALL_REJECTED} ({rejection})", tuple(search.trials))

    def _confirm(self, search: SearchRun, ranked: list[Trial]) -> list[Confirmed]:
        best = ranked[0]
        usual, limit = _FINALISTS, best.microseconds + best.outcome.noise
        if self.confirm_within is not None:
            usual, limit = 1, best.microseconds * self.confirm_within
        tied = sum(trial.microseconds <= limit for trial in ranked)
        finalists = ranked[: max(usual, min(tied, _MOST_FINALISTS))]
        for incumbent in (self._trial_of(search, self.space.default()), self._trial_of(search, self.current)):
            if incumbent is not None and incumbent.succeeded and incumbent not in finalists:
                finalists.append(incumbent)
        self.emit(TuningPhase(f"confirming {len(finalists)} finalists"))
        return self.evaluator.confirm([search.candidate(trial) for trial in finalists])

    def _trial_of(self, search: SearchRun, config: Config | None) -> Trial | None:
        return None if config is None else search.trial_of(config)

    def _preferred(self, search: SearchRun, confirmed: list[Confirmed]) -> list[Confirmed]:
        """Fastest first; of those within the noise of the fastest, the one nearest to the default first. Before all that do not beat
        them by more than the noise come what calls run now and the default, the former first unless the latter beats it."""
        default = self.space.default()
        best = min(confirmed, key=lambda c: c.microseconds, default=None)

        def rank(finalist: Confirmed) -> tuple[float, float]:
            assert best is not None
            tied = not _is_faster(best, finalist)
            return (differences(finalist.candidate.config, default) if tied else math.inf, finalist.microseconds)

        ranked = sorted(confirmed, key=rank)
        incumbents = self._incumbents(search, confirmed)
        faster = [c for c in ranked if c not in incumbents and all(_is_faster(c, own) for own in incumbents)]
        return [*faster, *incumbents, *(c for c in ranked if c not in faster and c not in incumbents)]

    def _incumbents(self, search: SearchRun, confirmed: list[Confirmed]) -> list[Confirmed]:
        trials = [self._trial_of(search, config) for config in (self.current, self.space.default())]
        found = [c for trial in dict.fromkeys(t.index for t in trials if t is not None) for c in confirmed if self._is_of(search, c, trial)]
        return found[::-1] if len(found) == 2 and _is_faster(found[1], found[0]) else found

    def _is_of(self, search: SearchRun, confirmed: Confirmed, index: int) -> bool:
        trial = search.trial_of(confirmed.candidate.config)
        return trial is not None and trial.index == index

    def _search_time(self, search: SearchRun, config: Config | None) -> float | None:
        trial = self._trial_of(search, config)
        return None if trial is None else trial.outcome.microseconds

    def _confirmed_time(self, search: SearchRun, config: Config | None, confirmed: list[Confirmed]) -> float | None:
        trial = self._trial_of(search, config)
        return None if trial is None else next((c.microseconds for c in confirmed if self._is_of(search, c, trial.index)), None)

    def _result(
        self,
        search: SearchRun,
        winner: Confirmed,
        times: tuple[float | None, ...],
        correctness: Correctness,
        started: float,
    ) -> TuneResult:
        default_us, current_us = times
        trial = next(t for t in search.trials if t.config == winner.candidate.config)
        in_force = self._trial_of(search, self.current) or self._trial_of(search, self.space.default())
        return TuneResult(
            config=self.simplified(winner.candidate.config),
            code=winner.candidate.code,
            default=self.space.default(),
            method=self.evaluator.method,
            device=self.evaluator.device,
            search=self.search.name,
            microseconds=winner.microseconds,
            noise=winner.noise,
            default_microseconds=default_us,
            current=self.current,
            current_microseconds=current_us,
            significant=in_force is None or trial.index != in_force.index,
            correctness=correctness,
            resources=trial.outcome.resources,
            trials=tuple(search.trials),
            seconds=time.monotonic() - started,
            partial=search.reason == "cancelled",
            reason=search.reason,
            log=None if self.log.path is None else str(self.log.path),
        )

    def _started_event(self) -> TuningStarted:
        return TuningStarted(
            kernel=self.kernel,
            method=self.evaluator.method,
            search=self.search.name,
            device=self.evaluator.device,
            budget_seconds=self.budget_seconds,
            seed=self.seed,
            resumed=len(self.log.resumed),
            log=None if self.log.path is None else str(self.log.path),
            header=self.log.header,
        )


def _is_faster(one: Confirmed, other: Confirmed) -> bool:
    return one.microseconds + max(one.noise, other.noise) < other.microseconds


def _unchecked(why: str) -> Correctness:
    return Correctness(passed=None, reference="none", input_sets=0, repeats=0, worst=None, message=f"not checked: {why}")


def _nothing_worked(search: SearchRun) -> TuneFailure:
    trials = tuple(search.trials)
    if search.reason == "cancelled":
        return TuneFailure("cancelled", "cancelled before any config worked", trials)
    histogram = ", ".join(f"{count} {kind}" for kind, count in failure_histogram(trials))
    if not histogram:
        return TuneFailure("no-config", "no config was proposed", trials)
    if any(kind == "wrong-result" for kind, _ in failure_histogram(trials)):
        return TuneFailure("wrong-results", _ALL_REJECTED, trials)
    return TuneFailure("no-config", f"no config works: {histogram}", trials)


def _finished_event(result: TuneResult | TuneFailure, reason: str) -> TuningFinished:
    if isinstance(result, TuneFailure):
        return TuningFinished(None, None, partial=False, reason=f"{result.why}: {result.message}")
    return TuningFinished(result.microseconds, result.default_microseconds, partial=result.partial, reason=reason)
