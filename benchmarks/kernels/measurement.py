"""Calls in, their times out: interleaved rounds in one process, with what else a number depends on."""

from __future__ import annotations

import platform
import statistics
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
import triton

from helion.autotune.device_timer import DeviceTimer


@dataclass(frozen=True)
class Times:
    """The median of the rounds in microseconds, and their spread as a part of it."""

    us: float
    noise: float


def interleaved(calls: Mapping[str, Callable[[], Any]], rounds: int) -> dict[str, Times]:
    """Every call once a round, so that a clock that drifts drifts for all; with a cold L2 cache."""
    timer = DeviceTimer(torch.device("cuda"))
    samples: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            samples[name].append(timer.time(call, None).microseconds)
    found: dict[str, Times] = {}
    for name, times in samples.items():
        median = statistics.median(times)
        found[name] = Times(round(median, 2), round((max(times) - min(times)) / median, 3))
    return found


def measured_ceilings() -> dict[str, float]:
    """What the device really gives: a large copy in GB/s (read and written), a large bf16 product in TFLOP/s."""
    timer = DeviceTimer(torch.device("cuda"))
    source = torch.empty(1 << 30, dtype=torch.uint8, device="cuda")
    target = torch.empty_like(source)
    copy = timer.time(lambda: target.copy_(source), None).microseconds
    a, b = (torch.randn(8192, 8192, device="cuda", dtype=torch.bfloat16) for _ in range(2))
    product = timer.time(lambda: a @ b, None).microseconds
    return {"gb_per_s": 2 * source.numel() / copy / 1e3, "tflop_per_s": 2.0 * 8192**3 / product / 1e6}


def environment(module: str, output: str) -> dict[str, Any]:
    """What ran where, with the command of this process; `output` is named without its folder."""
    return {
        "device": torch.cuda.get_device_name(),
        "torch": torch.__version__,
        "triton": triton.__version__,
        "python": platform.python_version(),
        "command": " ".join([f"python -m {module}", output, *sys.argv[2:]]),
    }
