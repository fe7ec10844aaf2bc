"""What a call costs the host: microseconds of a warm call with little work on the GPU, beside torch's and Triton's own; JSON to a file.

    python -m benchmarks.launch_overhead OUTPUT.json [--calls 3000] [--rounds 7]

Calls are issued without waiting for the GPU, in interleaved rounds; the median of the rounds is given.
"""

from __future__ import annotations

import argparse
import itertools
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import triton

import helion
from benchmarks.kernels.measurement import environment
from examples.matmul import matmul
from examples.rms_norm import rms_norm
from examples.softmax import softmax
from examples.vector_add import vector_add
from helion.runtime.bound_kernel import BoundKernel

_LENGTH = 1024


def calls() -> dict[str, Callable[[], Any]]:
    """What is compared, by name; every one allocates its result unless it says `out`."""
    x, y, out = (torch.randn(_LENGTH, device="cuda") for _ in range(3))
    rows = torch.randn(32, _LENGTH, device="cuda")
    square = torch.randn(512, 512, device="cuda", dtype=torch.bfloat16)
    static = helion.kernel(vector_add.fn, autotune_effort="none")
    dynamic = helion.kernel(vector_add.fn, autotune_effort="none", static_shapes=False)
    row_softmax, norm, product = (helion.kernel(k.fn, autotune_effort="none") for k in (softmax, rms_norm, matmul))
    dynamic_softmax = helion.kernel(softmax.fn, autotune_effort="none", static_shapes=False)
    longer, weight = torch.randn(2 * _LENGTH, device="cuda"), torch.nn.Parameter(torch.randn(_LENGTH, device="cuda"))
    lengths = itertools.cycle([(x, y), (longer, longer.clone())])
    bound = static.bind((x, y))
    assert isinstance(bound, BoundKernel)
    launched: list[Any] = []

    def keep(kernel: Any, grid: tuple[int, ...], *args: Any, **options: Any) -> None:
        launched.append((kernel, grid, args, options))

    bound.compile_config(bound.config_spec.default())(x, y, _launcher=keep)
    kernel, grid, args, options = launched[0]
    compiled = kernel[grid](*args, **options)
    whole_grid = (*grid, 1, 1)[:3]
    compiled_add = torch.compile(torch.add)
    return {
        "torch.add": lambda: torch.add(x, y),
        "torch.add out=": lambda: torch.add(x, y, out=out),
        "torch.empty_like": lambda: torch.empty_like(x),
        "torch.softmax": lambda: torch.softmax(rows, -1),
        "torch.compile add": lambda: compiled_add(x, y),
        "Triton JIT, out": lambda: kernel[grid](*args, **options),
        "Triton compiled kernel, out": lambda: compiled[whole_grid](*args),
        "helion add, static shapes": lambda: static(x, y),
        "helion add, dynamic shapes": lambda: dynamic(x, y),
        "helion add, two static shapes in turn": lambda: static(*next(lengths)),
        "helion add, two dynamic shapes in turn": lambda: dynamic(*next(lengths)),
        "helion softmax, static shapes": lambda: row_softmax(rows),
        "helion softmax, dynamic shapes": lambda: dynamic_softmax(rows),
        "helion rms_norm, a parameter and a default": lambda: norm(rows, weight),
        "helion matmul, static shapes, descriptors": lambda: product(square, square),
    }


def microseconds(call: Callable[[], Any], count: int) -> float:
    torch.cuda.synchronize()
    started = time.perf_counter()
    for _ in range(count):
        call()
    spent = time.perf_counter() - started
    torch.cuda.synchronize()
    return spent / count * 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path)
    parser.add_argument("--calls", type=int, default=3000)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    compared = calls()
    samples: dict[str, list[float]] = {name: [] for name in compared}
    for call in compared.values():
        microseconds(call, 200)
    for _ in range(options.rounds):
        for name, call in compared.items():
            samples[name].append(microseconds(call, options.calls))
    medians = {name: round(statistics.median(times), 2) for name, times in samples.items()}
    told = {**environment("benchmarks.launch_overhead", options.output.name), "triton": triton.__version__, "microseconds": medians}
    options.output.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(told, indent=1))


if __name__ == "__main__":
    main()
