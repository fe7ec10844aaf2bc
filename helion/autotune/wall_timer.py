"""Calls in, their wall-clock times out: for work that runs on the CPU; knows no candidates."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

from helion.autotune.halving import FIRST_EXCESS
from helion.autotune.measure_messages import Timing
from helion.autotune.subject import Call

_MICROSECONDS_PER_NANOSECOND = 1e-3


@dataclass(frozen=True)
class WallTimer:
    """Repeats a call for about `budget_seconds`, at least `least` times unless one call takes longer than that by itself. In interleaved
    rounds a short call is taken several times, of which the shortest counts: other processes only ever make it longer."""

    budget_seconds: float = 0.05
    least: int = 5
    most: int = 200

    def time(self, call: Call, best: float | None) -> Timing:
        call()
        first = _once(call)
        if (best is not None and first > best * (1 + FIRST_EXCESS)) or first > self.budget_seconds * 1e6:
            return timing_of([first, _once(call)])
        repetitions = int(self.budget_seconds * 1e6 / max(first, 0.1))
        return timing_of([_once(call) for _ in range(max(self.least, min(self.most, repetitions)))])

    def time_interleaved(self, calls: Sequence[Call], rounds: int) -> list[Timing]:
        shares = [self.budget_seconds * 1e6 / (10 * max(_once(call), 0.1)) for call in calls]
        repeats = [max(1, min(self.least, int(share))) for share in shares]
        samples: list[list[float]] = [[] for _ in calls]
        for _ in range(rounds):
            for call, times, repeat in zip(calls, samples, repeats, strict=True):
                times.append(min(_once(call) for _ in range(repeat)))
        return [timing_of(times) for times in samples]


@dataclass(frozen=True)
class ReportedTimer:
    """Takes what calls return, milliseconds, for their time: a callable that measures itself."""

    repeat: int = 3

    def time(self, call: Call, best: float | None) -> Timing:
        return timing_of([_reported(call) for _ in range(self.repeat)])

    def time_interleaved(self, calls: Sequence[Call], rounds: int) -> list[Timing]:
        samples: list[list[float]] = [[] for _ in calls]
        for _ in range(self.repeat):
            for call, times in zip(calls, samples, strict=True):
                times.append(_reported(call))
        return [timing_of(times) for times in samples]


def timing_of(times: Sequence[float]) -> Timing:
    """The median of times in µs and half their interquartile range."""
    low, middle, high = statistics.quantiles(times, n=4) if len(times) > 1 else (times[0],) * 3
    return Timing(middle, (high - low) / 2, len(times))


def _once(call: Call) -> float:
    started = time.perf_counter_ns()
    call()
    return (time.perf_counter_ns() - started) * _MICROSECONDS_PER_NANOSECOND


def _reported(call: Call) -> float:
    return float(call()) * 1000.0
