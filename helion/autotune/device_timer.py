"""Calls in, their times on the device out: median over repetitions with a cold L2 cache, by device events; knows no candidates."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field

import torch

from helion.autotune.halving import halving
from helion.autotune.measure_messages import Timing
from helion.autotune.subject import Call
from helion.autotune.wall_timer import timing_of

_MICROSECONDS_PER_MILLISECOND = 1000.0


@dataclass
class DeviceTimer:
    """`flush_bytes` are overwritten before every repetition: more than any L2, and long enough on the device to hide the launch."""

    device: torch.device
    flush_bytes: int = 256 << 20
    budget_seconds: float = 0.05
    least: int = 10
    most: int = 200
    _buffer: torch.Tensor = field(init=False)

    def __post_init__(self) -> None:
        self._buffer = torch.empty(self.flush_bytes // 4, dtype=torch.int32, device=self.device)

    def time(self, call: Call, best: float | None) -> Timing:
        call()
        first = self._repeat(call, 3)
        wanted = int(self.budget_seconds * 1e6 / max(statistics.median(first), 0.1))
        return timing_of(halving(first, lambda count: self._repeat(call, count), max(self.least, min(self.most, wanted)), best))

    def time_interleaved(self, calls: Sequence[Call], rounds: int) -> list[Timing]:
        for call in calls:
            call()
        samples: list[list[float]] = [[] for _ in calls]
        for _ in range(rounds):
            for call, times in zip(calls, samples, strict=True):
                times.append(statistics.median(self._repeat(call, 7)))
        return [timing_of(times) for times in samples]

    def _repeat(self, call: Call, repetitions: int) -> list[float]:
        """Times in µs."""
        pairs = [(torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)) for _ in range(repetitions)]
        for start, end in pairs:
            self._buffer.zero_()
            start.record()
            call()
            end.record()
        torch.cuda.synchronize(self.device)
        return [start.elapsed_time(end) * _MICROSECONDS_PER_MILLISECOND for start, end in pairs]
