"""A call in, its time on the device out: the median over repetitions, each with a cold L2 cache; needs torch alone, for any process."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from typing import Any

import torch

_FLUSHED_BYTES = 256 << 20
_SECONDS = 0.05
_LEAST, _MOST = 10, 200


class ColdTimer:
    """What is overwritten before every repetition is larger than any L2 cache, and takes the device long enough to hide the launch."""

    def __init__(self) -> None:
        self._buffer = torch.empty(_FLUSHED_BYTES // 4, dtype=torch.int32, device="cuda")

    def microseconds(self, call: Callable[[], Any]) -> float:
        call()
        first = self._repeat(call, 3)
        repetitions = int(_SECONDS * 1e6 / max(statistics.median(first), 0.1))
        return statistics.median(first + self._repeat(call, max(_LEAST, min(_MOST, repetitions))))

    def _repeat(self, call: Callable[[], Any], repetitions: int) -> list[float]:
        pairs = [(torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)) for _ in range(repetitions)]
        for start, end in pairs:
            self._buffer.zero_()
            start.record()
            call()
            end.record()
        torch.cuda.synchronize()
        return [start.elapsed_time(end) * 1000 for start, end in pairs]
