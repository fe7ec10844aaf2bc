"""Times the candidates of each workload beside its default config, interleaved in one process; writes JSON and prints a list.

python -m benchmarks.kernels.default_rules OUTPUT.json [--only NAME,...] [--rounds 3]
"""

from __future__ import annotations

import argparse
import functools
import json
from pathlib import Path
from typing import Any

import torch

import helion
from benchmarks.kernels.candidates import candidates_of
from benchmarks.kernels.cold_timer import ColdTimer
from benchmarks.kernels.measurement import Sampler, environment, interleaved
from benchmarks.kernels.workload import Workload
from benchmarks.kernels.workloads import WORKLOADS
from helion.runtime.bound_kernel import BoundKernel


def measure(workload: Workload, rounds: int) -> dict[str, Any]:
    """Microseconds by config, the default's first; what does not run is kept with its reason."""
    args = workload.make()
    bound = helion.kernel(workload.kernel.fn, autotune_effort="none").bind(args)
    assert isinstance(bound, BoundKernel)
    default = bound.config_spec.minimize(bound.config_spec.default())
    timer = ColdTimer()
    samplers: dict[str, Sampler] = {}
    failed: dict[str, str] = {}
    for config in (default, *(helion.Config(**given) for given in candidates_of(workload.name))):
        try:
            run = bound.compile_config(config)
            run(*args)
            torch.cuda.synchronize()
        except Exception as problem:  # noqa: BLE001 - a config that fails is a result
            failed[repr(config)] = f"{type(problem).__name__}: {str(problem).splitlines()[0][:200]}"
        else:
            samplers[repr(config)] = functools.partial(timer.microseconds, functools.partial(run, *args))
    times, failed_later = interleaved(samplers, rounds)
    return {
        "workload": workload.name,
        "default": repr(default),
        "us": {config: time.us for config, time in times.items()},
        "noise": {config: time.noise for config, time in times.items()},
        "failed": {**failed, **failed_later},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path)
    parser.add_argument("--only", default="", help="parts of workloads' names")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    wanted = [part for part in options.only.split(",") if part]
    told = environment("benchmarks.kernels.default_rules", options.output.name)
    records: list[dict[str, Any]] = []
    for workload in WORKLOADS:
        if not candidates_of(workload.name) or (wanted and not any(part in workload.name for part in wanted)):
            continue
        records.append(measure(workload, options.rounds))
        options.output.write_text(json.dumps({**told, "workloads": records}, indent=1), encoding="utf-8")
        for config, us in sorted(records[-1]["us"].items(), key=lambda pair: pair[1]):
            print(f"{workload.name:28} {us:9.1f} {'* ' if config == records[-1]['default'] else '  '}{config}", flush=True)
        torch.cuda.empty_cache()


if __name__ == "__main__":
    main()
