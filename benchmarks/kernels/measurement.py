"""Calls in, their times out: interleaved rounds, and what else a number depends on; imports nothing of any release of helion."""

from __future__ import annotations

import platform
import statistics
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import torch
import triton

from benchmarks.kernels.cold_timer import ColdTimer
from benchmarks.kernels.machine import commit_of, driver_and_clocks


@dataclass(frozen=True)
class Times:
    """The median of the rounds in microseconds, and their spread as a part of it."""

    us: float
    noise: float


Sampler = Callable[[], float]


class FailedElsewhereError(Exception):
    """Its words are the last line of what another process said."""


def interleaved(samplers: Mapping[str, Sampler], rounds: int) -> tuple[dict[str, Times], dict[str, str]]:
    """Every sampler, which gives microseconds, once a round, so that a clock that drifts drifts for all. Those that fail in a round are
    told with the last line of why, and not asked again."""
    samples: dict[str, list[float]] = {name: [] for name in samplers}
    failed: dict[str, str] = {}
    for _ in range(rounds):
        for name, sample in samplers.items():
            if name in failed:
                continue
            try:
                samples[name].append(sample())
            except Exception as problem:  # noqa: BLE001 - whatever it is, it is the result
                failed[name] = last_line(problem)
    return {name: _times(found) for name, found in samples.items() if name not in failed}, failed


def last_line(problem: BaseException) -> str:
    """Of an error's words, and of those of what caused it."""
    if isinstance(problem, FailedElsewhereError):
        return str(problem)
    lines = str(problem).strip().splitlines()
    cause = f" ({last_line(problem.__cause__)})" if problem.__cause__ is not None else ""
    return f"{type(problem).__name__}: {lines[-1].strip() if lines else ''}"[:300] + cause


def first_of(result: Any) -> torch.Tensor:
    """The tensor by which results are compared."""
    return cast("tuple[torch.Tensor, ...]", result)[0] if isinstance(result, tuple) else result


def _times(samples: list[float]) -> Times:
    median = statistics.median(samples)
    return Times(round(median, 2), round((max(samples) - min(samples)) / median, 3))


def copy_sampler(moved: float) -> Sampler:
    """What times torch's copy that reads and writes `moved` bytes in all: of a few tens of MB none is as fast as a large one."""
    source = torch.empty(int(moved / 2), dtype=torch.uint8, device="cuda")
    target, timer = torch.empty_like(source), ColdTimer()
    return lambda: timer.microseconds(lambda: target.copy_(source))


def measured_ceilings() -> dict[str, float]:
    """What the device really gives: a large copy in GB/s (read and written), a large bf16 product in TFLOP/s."""
    timer = ColdTimer()
    source = torch.empty(1 << 30, dtype=torch.uint8, device="cuda")
    target = torch.empty_like(source)
    copy = timer.microseconds(lambda: target.copy_(source))
    a, b = (torch.randn(8192, 8192, device="cuda", dtype=torch.bfloat16) for _ in range(2))
    product = timer.microseconds(lambda: a @ b)
    return {"gb_per_s": 2 * source.numel() / copy / 1e3, "tflop_per_s": 2.0 * 8192**3 / product / 1e6}


def environment(module: str, output: str) -> dict[str, Any]:
    """What ran where, with the command of this process; files and folders are named without where they lie. Call it after what was
    measured first, for the clocks of a GPU at work."""
    options = [Path(text).name if Path(text).is_absolute() else text for text in sys.argv[2:]]
    return {
        "device": torch.cuda.get_device_name(),
        "torch": torch.__version__,
        "triton": triton.__version__,
        "python": platform.python_version(),
        **driver_and_clocks(f"GPU-{torch.cuda.get_device_properties('cuda').uuid}"),
        **commit_of(Path(__file__).parent),
        "command": " ".join([f"python -m {module}", output, *options]),
    }
