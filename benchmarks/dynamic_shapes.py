"""One kernel called with eight shapes: what `static_shapes=False` costs on the device, and how often it compiles; JSON to a file.

    python -m benchmarks.dynamic_shapes OUTPUT.json [--rounds 5]

Each shape is timed in interleaved rounds with a cold L2 cache: the one dynamic kernel, a static kernel with the config that the dynamic one
has for it, and a static kernel with its own default config. The first comparison is what unknown sizes cost, the second adds what one
config for many shapes does.
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Self

import torch
import triton

import helion
from benchmarks.kernels.cold_timer import ColdTimer
from benchmarks.kernels.measurement import environment, interleaved
from benchmarks.kernels.workload import randn
from examples.attention import attention
from examples.matmul import matmul
from examples.rms_norm import rms_norm
from examples.softmax import softmax
from helion.runtime.bound_kernel import BoundKernel
from helion.runtime.kernel import Kernel

_ROWS = (256, 1000, 1024, 2048, 3000, 4096, 8192, 16384)
_LENGTHS = (1024, 2048, 3072, 4096, 5000, 8192, 12288, 16384)
_KERNELS: Mapping[str, tuple[Kernel, Sequence[Callable[[], tuple[torch.Tensor, ...]]]]] = {
    "matmul, rows": (matmul, [lambda m=m: (randn(m, 4096), randn(4096, 4096)) for m in _ROWS]),
    "rms_norm, rows": (rms_norm, [lambda m=m: (randn(m, 8192), randn(8192)) for m in _ROWS]),
    "softmax, columns": (softmax, [lambda n=n: (randn(4096, n),) for n in _LENGTHS]),
    "attention, length": (attention, [lambda s=s: tuple(randn(1, 16, s, 128) for _ in range(3)) for s in _LENGTHS]),
}


class _Compilations:
    """How many kernels Triton was asked for meanwhile, those that its cache knew included."""

    def __init__(self) -> None:
        self.count = 0

    def __enter__(self) -> Self:
        triton.knobs.compilation.listener = self._heard
        return self

    def __exit__(self, *_: object) -> None:
        triton.knobs.compilation.listener = None

    def _heard(self, **_: Any) -> None:
        self.count += 1


def measure(kernel: Kernel, shapes: Sequence[Callable[[], tuple[torch.Tensor, ...]]], rounds: int) -> dict[str, Any]:
    dynamic = helion.kernel(kernel.fn, autotune_effort="none", static_shapes=False)
    with _Compilations() as compilations:
        for make in shapes:
            dynamic(*make())
        torch.cuda.synchronize()
    bound = dynamic.bind(shapes[0]())
    assert isinstance(bound, BoundKernel)
    static = helion.kernel(kernel.fn, autotune_effort="none")
    timer, found, configs = ColdTimer(), list[dict[str, Any]](), list[str]()
    for make in shapes:
        arguments = make()
        config = bound.defaults.config_of(dynamic.normalize_args(*arguments))
        configs.append(repr(bound.config_spec.minimize(config)))
        alike = helion.kernel(kernel.fn, config=config)
        ways = {"dynamic": dynamic, "static, same config": alike, "static": static}
        samplers = {name: partial(timer.microseconds, partial(way, *arguments)) for name, way in ways.items()}
        times, failed = interleaved(samplers, rounds)
        found.append(
            {"shapes": [list(tensor.shape) for tensor in arguments], "us": {name: one.us for name, one in times.items()}, "failed": failed}
        )
    return {
        "compilations": compilations.count,
        "configs": list(dict.fromkeys(configs)),
        "slower_than_same_config": _ratios(found, "static, same config"),
        "slower_than_static": _ratios(found, "static"),
        "calls": found,
    }


def _ratios(found: Sequence[Mapping[str, Any]], other: str) -> dict[str, float]:
    ratios = [one["us"]["dynamic"] / one["us"][other] for one in found if {"dynamic", other} <= one["us"].keys()]
    return {"median": round(statistics.median(ratios), 3), "most": round(max(ratios), 3)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    kernels = {name: measure(kernel, shapes, options.rounds) for name, (kernel, shapes) in _KERNELS.items()}
    told = {**environment("benchmarks.dynamic_shapes", options.output.name), "kernels": kernels}
    options.output.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    print(json.dumps({name: {key: value for key, value in one.items() if key != "calls"} for name, one in kernels.items()}, indent=1))


if __name__ == "__main__":
    main()
