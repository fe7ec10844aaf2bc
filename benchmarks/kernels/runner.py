"""Times every provider of every workload side by side in one process, in interleaved rounds; writes JSON and prints a table.

python -m benchmarks.kernels.runner OUTPUT.json [--only NAME,...] [--tune SECONDS] [--rounds 5] [--no-compile]
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
import triton

import helion
from benchmarks.kernels.workload import Workload
from benchmarks.kernels.workloads import WORKLOADS
from helion.autotune.device_timer import DeviceTimer
from helion.runtime.bound_kernel import BoundKernel

Prepared = dict[str, Callable[[], Any]]


def prepare(workload: Workload, args: tuple[Any, ...], options: argparse.Namespace, record: dict[str, Any]) -> Prepared:
    """A call without arguments for each provider; what fails to come up is recorded and left out."""
    ways: dict[str, Callable[[], Callable[..., Any]]] = {"eager": lambda: workload.eager}
    if options.compile:
        ways["torch.compile"] = lambda: torch.compile(workload.eager, mode="max-autotune-no-cudagraphs")
    ways |= {name: lambda peer=peer: peer for name, peer in workload.peers.items()}
    ways["default"] = lambda: _default(workload, args, record)
    if options.tune:
        ways["tuned"] = lambda: _tuned(workload, args, options.tune, record)
    found: Prepared = {}
    wanted = workload.eager(*args)
    for name, way in ways.items():
        try:
            started = time.perf_counter()
            call = way()
            actual = call(*args)
            torch.cuda.synchronize()
            record["seconds"][name] = round(time.perf_counter() - started, 1)
            record["error"][name] = _error(actual, wanted)
            found[name] = lambda call=call: call(*args)
        except Exception as problem:  # noqa: BLE001 - a provider that fails is a result
            record["failed"][name] = f"{type(problem).__name__}: {str(problem).splitlines()[0][:200]}"
    return found


def _default(workload: Workload, args: tuple[Any, ...], record: dict[str, Any]) -> Callable[..., Any]:
    kernel = helion.kernel(workload.kernel.fn, autotune_effort="none")
    bound = kernel.bind(args)
    assert isinstance(bound, BoundKernel)
    config = bound.config_spec.default()
    record["config"]["default"] = repr(bound.config_spec.minimize(config))
    return bound.compile_config(config)


def _tuned(workload: Workload, args: tuple[Any, ...], seconds: float, record: dict[str, Any]) -> Callable[..., Any]:
    kernel = helion.kernel(workload.kernel.fn, autotune_budget_seconds=int(seconds))
    bound = kernel.bind(args)
    assert isinstance(bound, BoundKernel)
    config = bound.autotune(args, force=True)
    record["config"]["tuned"] = repr(config)
    return bound.compile_config(config)


def _error(actual: Any, wanted: Any) -> float:
    """The norm of the difference over the norm of the reference."""
    a, b = actual.float(), wanted.float()
    return float((a - b).norm() / b.norm())


def measure(workload: Workload, options: argparse.Namespace, ceilings: Mapping[str, float]) -> dict[str, Any]:
    record: dict[str, Any] = {"workload": workload.name, "us": {}, "noise": {}, "error": {}, "failed": {}, "config": {}, "seconds": {}}
    args = workload.make()
    calls = prepare(workload, args, options, record)
    timer = DeviceTimer(torch.device("cuda"))
    samples: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(options.rounds):
        for name, call in calls.items():
            samples[name].append(timer.time(call, None).microseconds)
    for name, times in samples.items():
        record["us"][name] = round(statistics.median(times), 2)
        record["noise"][name] = round((max(times) - min(times)) / statistics.median(times), 3)
    floor = max(workload.bytes / ceilings["gb_per_s"] / 1e3, workload.flops / ceilings["tflop_per_s"] / 1e6)
    record["floor_us"] = round(floor, 2)
    record["of_floor"] = {name: round(floor / us, 3) for name, us in record["us"].items()}
    return record


def measured_ceilings() -> dict[str, float]:
    """What the device really gives: a large copy in GB/s (read and written), a large bf16 product in TFLOP/s."""
    timer = DeviceTimer(torch.device("cuda"))
    source = torch.empty(1 << 30, dtype=torch.uint8, device="cuda")
    target = torch.empty_like(source)
    copy = timer.time(lambda: target.copy_(source), None).microseconds
    a, b = (torch.randn(8192, 8192, device="cuda", dtype=torch.bfloat16) for _ in range(2))
    product = timer.time(lambda: a @ b, None).microseconds
    return {"gb_per_s": 2 * source.numel() / copy / 1e3, "tflop_per_s": 2.0 * 8192**3 / product / 1e6}


def table(records: list[dict[str, Any]]) -> str:
    names = list(dict.fromkeys(name for record in records for name in record["us"]))
    lines = ["| workload | " + " | ".join(names) + " | floor |", "|---|" + "---|" * (len(names) + 1)]
    for record in records:
        cells = [f"{record['us'][n]:.1f}" if n in record["us"] else "failed" if n in record["failed"] else "" for n in names]
        lines.append(f"| {record['workload']} | {' | '.join(cells)} | {record['floor_us']:.1f} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path)
    parser.add_argument("--only", default="", help="parts of workloads' names")
    parser.add_argument("--tune", type=float, default=0.0, help="seconds of tuning a workload; 0 for none")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--no-compile", dest="compile", action="store_false", help="leave torch.compile out")
    options = parser.parse_args()
    ceilings = measured_ceilings()
    environment = {
        "device": torch.cuda.get_device_name(),
        "torch": torch.__version__,
        "triton": triton.__version__,
        "python": platform.python_version(),
        "command": " ".join(["python -m benchmarks.kernels.runner", options.output.name, *sys.argv[2:]]),
        "ceilings": ceilings,
    }
    records: list[dict[str, Any]] = []
    wanted = [part for part in options.only.split(",") if part]
    for workload in WORKLOADS:
        if wanted and not any(part in workload.name for part in wanted):
            continue
        records.append(measure(workload, options, ceilings))
        options.output.write_text(json.dumps({**environment, "workloads": records}, indent=1), encoding="utf-8")
        print(json.dumps(records[-1]), flush=True)
        torch.cuda.empty_cache()
    print(table(records))


if __name__ == "__main__":
    main()
