"""Tuning events in, log lines and a progress bar out, as loud as the settings say; knows no kernels."""

from __future__ import annotations

import logging
import math
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TextIO

from helion.autotune.events import (
    GenerationStarted,
    TrialEnded,
    TuningEvent,
    TuningFinished,
    TuningPhase,
    TuningProgress,
    TuningStarted,
)
from helion.autotune.trial_table import TrialTable, status_of
from helion.trials.trial import Failure, Trial

# What a config may fail of without anything being wrong with the kernel: it asks for more than there is, or takes too long.
_EXPECTED = frozenset({"out-of-resources", "miscompiled", "timeout", "launch", "out-of-memory", "hopeless"})
_MOST_WARNINGS = 3
RESULT_LEVEL = logging.INFO + 5


@dataclass
class TuningReport:
    """Call it with every event. Lines of at least `level` go to `stream` (none when it is 0), all to the table's log; `quiet_errors`
    names no failed candidates. `keeps_wrong` is what would keep candidates with other results. `bar` draws progress over the last line:
    for terminals."""

    stream: TextIO
    table: TrialTable
    level: int = logging.INFO
    bar: bool = False
    quiet_errors: bool = False
    keeps_wrong: str = "autotune_accuracy_check=False (HELION_AUTOTUNE_ACCURACY_CHECK=0)"
    _started: float = field(default_factory=time.monotonic)
    _generation: GenerationStarted = field(default_factory=lambda: GenerationStarted(0, 0))
    _trials: list[Trial] = field(default_factory=list[Trial])
    _since: float = 0.0
    _judged: int = 0

    def __call__(self, event: TuningEvent) -> None:
        match event:
            case TuningStarted():
                self._start(event)
            case GenerationStarted():
                self._end_generation()
                self._generation, self._judged, self._since = event, 0, time.monotonic()
                if event.number > 1:
                    self.say(logging.INFO, f"Generation {event.number - 1} starting: {event.size} configs")
            case TrialEnded(trial=trial):
                self._add(trial)
            case TuningProgress(seconds_left=left):
                self._draw(left)
            case TuningPhase(text=text):
                self._end_generation()
                self.say(logging.DEBUG, text)
            case TuningFinished(reason=reason):
                self.say(logging.DEBUG, f"finished: {reason}")

    def say(self, level: int, text: str) -> None:
        """A line, with the whole seconds since the start before it."""
        line = f"[{time.monotonic() - self._started:.0f}s] {text}"
        self.table.write(line)
        if self.level and level >= self.level:
            self._wipe()
            print(line, file=self.stream)

    def _start(self, event: TuningStarted) -> None:
        self.say(logging.INFO, f"Autotune random seed: {event.seed}")
        limit = f", at most {event.budget_seconds:.0f}s" if math.isfinite(event.budget_seconds) else ""
        self.say(logging.INFO, f"Starting {event.search} search{limit}; this may take a while")
        if event.resumed:
            self.say(logging.INFO, f"Going on from {event.resumed} trials in {event.log}")

    def _add(self, trial: Trial) -> None:
        self.table.add(trial)
        self._trials.append(trial)
        self._judged += 1
        if trial.outcome.failure is not None:
            self._say_failure(trial, trial.outcome.failure)

    def _say_failure(self, trial: Trial, failure: Failure) -> None:
        """The first few of a kind that should not happen are warnings; the rest is for the log."""
        known = sum(other.outcome.failure is not None and other.outcome.failure.kind == failure.kind for other in self._trials)
        loud = failure.kind not in _EXPECTED and not self.quiet_errors and known <= _MOST_WARNINGS
        hint = f"; {self.keeps_wrong} keeps it" if failure.kind == "wrong-result" else ""
        words = failure.message.strip().splitlines()[-1:] or [""]
        more = "; more like it are counted only" if known == _MOST_WARNINGS else ""
        self.say(logging.WARNING if loud else logging.DEBUG, f"Skipped {trial.config}: {failure.kind}: {words[0]}{hint}{more}")

    def _end_generation(self) -> None:
        self._wipe()
        if not self._judged:
            return
        number = self._generation.number
        title = "Starting points" if number == 0 else "Initial population" if number == 1 else f"Generation {number - 1} complete"
        self.say(logging.INFO, f"{title}: {stats_of(self._trials)}")
        self._judged = 0

    def _draw(self, seconds_left: float) -> None:
        if self.bar:
            left = f", at most {seconds_left:.0f} s left" if math.isfinite(seconds_left) else ""
            done, size = self._judged, max(self._generation.size, self._judged)
            rate = done / max(1e-9, time.monotonic() - self._since)
            number = self._generation.number
            title = "Initial population" if number <= 1 else f"Generation {number - 1}"
            print(f"\r\x1b[K{title}: {100 * done // size}% {done}/{size} {rate:.1f} configs/s{left}", end="", file=self.stream, flush=True)

    def _wipe(self) -> None:
        if self.bar:
            print("\r\x1b[K", end="", file=self.stream, flush=True)


def stats_of(trials: Sequence[Trial]) -> str:
    """`error=a timeout=b ok=c min=... mid=... max=... best=Config(...)`; times in ms, counts of zero left out."""
    counts = {status: sum(status_of(trial) == status for trial in trials) for status in ("error", "timeout", "ok")}
    parts = [f"{status}={count}" for status, count in counts.items() if count]
    ranked = sorted((trial for trial in trials if trial.succeeded), key=lambda trial: trial.microseconds)
    if ranked:
        times = [trial.microseconds / 1000 for trial in ranked]
        parts += [f"min={times[0]:.4f}", f"mid={statistics.median(times):.4f}", f"max={times[-1]:.4f}", f"best={ranked[0].config}"]
    return " ".join(parts)
