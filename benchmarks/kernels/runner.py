"""Times every provider of every workload side by side in one process, in interleaved rounds; writes JSON and prints a table.

python -m benchmarks.kernels.runner OUTPUT.json [--only NAME,...] [--tune SECONDS] [--rounds 5] [--no-compile] [--gpus N]
    [--upstream DIR [--upstream-quick SECONDS]]

DIR is what `pip install --target DIR` made of another release of `helion`: it runs the same kernels in a process of its own, which is
asked for its time in every round. With several GPUs each takes a part of the workloads, in a process of its own on its share of the cores;
all providers of a workload are still measured side by side.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import torch

import helion
from benchmarks.kernels.cold_timer import ColdTimer
from benchmarks.kernels.measurement import Sampler, copy_sampler, environment, first_of, interleaved, last_line, measured_ceilings
from benchmarks.kernels.tuning_record import curve_of, trials_of
from benchmarks.kernels.upstream import Effort, Upstream, release_of
from benchmarks.kernels.workload import Workload
from benchmarks.kernels.workloads import WORKLOADS
from helion.runtime.bound_kernel import BoundKernel

_PROVIDERS_OF_UPSTREAM = ("upstream", "upstream quick")
# No provider: what takes its turn among them, where the work is bytes, to say what the device gives for as many.
_COPY = "copy"


def prepare(
    workload: Workload, args: tuple[Any, ...], upstreams: Mapping[str, Upstream], options: argparse.Namespace, record: dict[str, Any]
) -> dict[str, Sampler]:
    """What measures each provider; what fails to come up is recorded and left out."""
    ways: dict[str, Callable[[], Callable[..., Any]]] = {"eager": lambda: workload.eager}
    if options.compile:
        ways["torch.compile"] = lambda: torch.compile(workload.eager, mode="max-autotune-no-cudagraphs")
    ways |= {name: lambda peer=peer: peer for name, peer in workload.peers.items()}
    ways["default"] = lambda: _default(workload, args, record)
    if options.tune:
        ways["tuned"] = lambda: _tuned(workload, args, options.tune, record)
    timer = ColdTimer()
    found: dict[str, Sampler] = {}
    wanted = workload.eager(*args)
    for name, way in ways.items():
        try:
            started = time.perf_counter()
            call = way()
            actual = call(*args)
            torch.cuda.synchronize()
            record["seconds"][name] = round(time.perf_counter() - started, 1)
            record["error"][name] = _error(actual, wanted)
            found[name] = partial(timer.microseconds, partial(call, *args))
        except Exception as problem:  # noqa: BLE001 - a provider that fails is a result
            record["failed"][name] = f"{type(problem).__name__}: {str(problem).splitlines()[0][:200]}"
    for name, upstream in upstreams.items():
        try:
            seconds, result = upstream.prepare(workload.kernel, args)
            record["seconds"][name] = round(seconds, 1)
            record["error"][name] = _error(result, wanted)
            found[name] = upstream.microseconds
        except Exception as problem:  # noqa: BLE001 - as above
            record["failed"][name] = last_line(problem)
    return found


def _default(workload: Workload, args: tuple[Any, ...], record: dict[str, Any]) -> Callable[..., Any]:
    kernel = helion.kernel(workload.kernel.fn, settings=replace(workload.kernel.settings, autotune_effort="none"))
    bound = kernel.bind(args)
    assert isinstance(bound, BoundKernel)
    config = bound.config_spec.default()
    record["config"]["default"] = repr(bound.config_spec.minimize(config))
    return bound.compile_config(config)


def _tuned(workload: Workload, args: tuple[Any, ...], seconds: float, record: dict[str, Any]) -> Callable[..., Any]:
    baseline = workload.eager if workload.is_baseline else None
    limited = replace(workload.kernel.settings, autotune_budget_seconds=int(seconds), autotune_baseline_fn=baseline)
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "trials"
        kernel = helion.kernel(workload.kernel.fn, settings=replace(limited, autotune_log=str(log), autotune_log_details=True))
        bound = kernel.bind(args)
        assert isinstance(bound, BoundKernel)
        try:
            config = bound.autotune(args, force=True)
        finally:
            record["trials"] = trials_of(log.with_suffix(".meta.jsonl"))
            record["curve"] = curve_of(log.with_suffix(".csv"))
    record["config"]["tuned"] = repr(config)
    return bound.compile_config(config)


def _error(actual: Any, wanted: Any) -> float:
    """The norm of the difference over the norm of the reference, of the first tensor that comes back."""
    a, b = first_of(actual), first_of(wanted)
    return float((a.float() - b.float()).norm() / b.float().norm())


def measure(
    workload: Workload, options: argparse.Namespace, ceilings: Mapping[str, float], upstreams: Mapping[str, Upstream]
) -> dict[str, Any]:
    record: dict[str, Any] = {"workload": workload.name, "us": {}, "noise": {}, "error": {}, "failed": {}, "config": {}, "seconds": {}}
    args = workload.make()
    samplers = prepare(workload, args, upstreams, options, record)
    if not workload.flops:
        samplers[_COPY] = copy_sampler(workload.bytes)
    times, failed = interleaved(samplers, options.rounds)
    if _COPY in times:
        record["copy_us"] = times.pop(_COPY).us
    record["failed"] |= failed
    record["us"] = {name: time.us for name, time in times.items()}
    record["noise"] = {name: time.noise for name, time in times.items()}
    return record | achieved(workload, record["us"], ceilings)


def achieved(workload: Workload, us: Mapping[str, float], ceilings: Mapping[str, float]) -> dict[str, Any]:
    """The time that the work takes at the measured ceiling, what share of that speed each provider comes to, and its speed itself: GB/s
    where moving the bytes takes longer than computing, TFLOP/s elsewhere."""
    moving, computing = workload.bytes / ceilings["gb_per_s"] / 1e3, workload.flops / ceilings["tflop_per_s"] / 1e6
    unit, work = ("GB/s", workload.bytes / 1e3) if moving >= computing else ("TFLOP/s", workload.flops / 1e6)
    floor = max(moving, computing)
    return {
        "floor_us": round(floor, 2),
        "of_floor": {name: round(floor / time, 3) for name, time in us.items()},
        "unit": unit,
        "achieved": {name: round(work / time, 1) for name, time in us.items()},
    }


def table(records: list[dict[str, Any]]) -> str:
    names = list(dict.fromkeys(name for record in records for name in (*record["us"], *record["failed"])))
    lines = ["| workload | " + " | ".join(names) + " | floor |", "|---|" + "---|" * (len(names) + 1)]
    for record in records:
        cells = [f"{record['us'][n]:.1f}" if n in record["us"] else "failed" if n in record["failed"] else "" for n in names]
        lines.append(f"| {record['workload']} | {' | '.join(cells)} | {record['floor_us']:.1f} |")
    return "\n".join(lines)


def on_this_gpu(options: argparse.Namespace, workloads: Sequence[Workload]) -> list[dict[str, Any]]:
    """The records of the workloads, one after the other; the file is whole after each."""
    ceilings = measured_ceilings()
    told = {**environment("benchmarks.kernels.runner", options.output.name), **release_of(options.upstream), "ceilings": ceilings}
    records: list[dict[str, Any]] = []
    with ExitStack() as stack:
        upstreams = {name: stack.enter_context(upstream) for name, upstream in upstreams_of(options).items()}
        for workload in workloads:
            records.append(measure(workload, options, ceilings, upstreams))
            options.output.write_text(json.dumps({**told, "workloads": records}, indent=1) + "\n", encoding="utf-8")
            print(json.dumps(records[-1]), flush=True)
            torch.cuda.empty_cache()
    return records


def upstreams_of(options: argparse.Namespace) -> dict[str, Upstream]:
    """None without a folder to take it from; with its default configs, and tuned where seconds are given for that."""
    default, quick = _PROVIDERS_OF_UPSTREAM
    if options.upstream is None:
        return {}
    found = {default: Upstream(options.upstream, Effort("none"))}
    return {**found, quick: Upstream(options.upstream, Effort("quick", options.upstream_quick))} if options.upstream_quick else found


def on_several_gpus(options: argparse.Namespace, order: Sequence[str]) -> list[dict[str, Any]]:
    """The records of all parts in the suite's order. What a part that ended early had measured is kept; its exit code is printed."""
    cores = sorted(os.sched_getaffinity(0))
    running: list[tuple[Path, subprocess.Popen[bytes]]] = []
    for part in range(options.gpus):
        output = options.output.with_suffix(f".{part}.json")
        command = [sys.executable, "-m", "benchmarks.kernels.runner", str(output), *sys.argv[2:], "--part", str(part)]
        process = subprocess.Popen(command, env={**os.environ, "CUDA_VISIBLE_DEVICES": str(part)})
        os.sched_setaffinity(process.pid, cores[part * len(cores) // options.gpus : (part + 1) * len(cores) // options.gpus])
        running.append((output, process))
    codes = [process.wait() for _, process in running]
    parts = [json.loads(output.read_text(encoding="utf-8")) for output, _ in running if output.exists()]
    records = sorted((record for part in parts for record in part["workloads"]), key=lambda record: order.index(record["workload"]))
    named = {**environment("benchmarks.kernels.runner", options.output.name), **release_of(options.upstream)}
    told = {**named, "ceilings": [part["ceilings"] for part in parts]}
    options.output.write_text(json.dumps({**told, "workloads": records}, indent=1) + "\n", encoding="utf-8")
    if any(codes):
        print(f"exit codes of the parts: {codes}", file=sys.stderr)
    return records


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path)
    parser.add_argument("--only", default="", help="parts of workloads' names")
    parser.add_argument("--tune", type=float, default=0.0, help="seconds of tuning a workload; 0 for none")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--no-compile", dest="compile", action="store_false", help="leave torch.compile out")
    parser.add_argument("--upstream", type=Path, help="a folder with another release of helion, as a peer")
    parser.add_argument("--upstream-quick", type=float, default=0.0, help="seconds of its quick tuning a workload; 0 for none")
    parser.add_argument("--gpus", type=int, default=1, help="how many GPUs share the workloads")
    parser.add_argument("--part", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    wanted = [part for part in options.only.split(",") if part]
    chosen = [workload for workload in WORKLOADS if not wanted or any(part in workload.name for part in wanted)]
    if options.gpus > 1 and options.part is None:
        records = on_several_gpus(options, [workload.name for workload in chosen])
    else:
        records = on_this_gpu(options, chosen[options.part or 0 :: options.gpus])
    print(table(records))


if __name__ == "__main__":
    main()
