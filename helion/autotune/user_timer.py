"""Calls in, their times out, by the user's own benchmark function; knows no candidates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from helion.autotune.measure_messages import Timing
from helion.autotune.subject import Call

_MICROSECONDS_PER_MILLISECOND = 1000.0


@dataclass(frozen=True)
class UserTimer:
    """`benchmark(fns, *, repeat, desc=None)` gives milliseconds, one for each function, as `autotune_benchmark_fn` is documented."""

    benchmark: Callable[..., Sequence[float]]
    repeat: int = 50

    def time(self, call: Call, best: float | None) -> Timing:
        return self._times([call], self.repeat)[0]

    def time_interleaved(self, calls: Sequence[Call], rounds: int) -> list[Timing]:
        return self._times(calls, self.repeat * rounds)

    def _times(self, calls: Sequence[Call], repeat: int) -> list[Timing]:
        times: Any = self.benchmark(list(calls), repeat=repeat)
        return [Timing(float(time) * _MICROSECONDS_PER_MILLISECOND, 0.0, repeat) for time in times]
