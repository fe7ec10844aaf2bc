"""How well the model ranks random configs of three kernels: the rank correlation of estimated with measured times, and how often an
estimated gain is a real one.

    python benchmarks/model_correlation.py OUTPUT.json [--configs 40] [--seconds 80] [--dry-run | --stored]

Needs a GPU that is the target's (`--target sm_90`), unless `--dry-run`, which estimates only, or `--stored`, which judges anew what OUTPUT
already holds. The output holds, for every kernel, each config with both times, its resources and the counted work that the estimate
came from, so that the model's parameters can be fitted again without a GPU; and under `claims` what is behind its `resolution`.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from model_claims import estimated_again, judge_claims
from prepared_kernels import BenchmarkedKernel, PreparedKernel, prepare

from helion.autotune.events import TuningEvent, TuningProgress
from helion.autotune.kernel_in_file import KernelInFile
from helion.autotune.measure_messages import SetUp
from helion.autotune.model.count_work import count_work
from helion.autotune.model.predict import prior_of
from helion.autotune.run_search import code_of
from helion.autotune.searches.finite import FiniteSearch
from helion.autotune.tune_kernel import MeasuredMethod, ModelMethod, TuneOptions, tune_kernel
from helion.compiler import generate
from helion.config.config import Config
from helion.offline.process import WorkerProcess, python_command
from helion.target import Target, find_target
from helion.trials.trial import Trial

KERNELS = (
    BenchmarkedKernel("matmul", "examples/matmul.py", "matmul", "bf16[4096,4096], bf16[4096,4096]", 2 * 4096**3),
    BenchmarkedKernel("softmax", "examples/softmax.py", "softmax_two_pass", "f32[4096,8192]"),
    BenchmarkedKernel(
        "attention",
        "examples/attention.py",
        "attention",
        "bf16[2,16,2048,128], bf16[2,16,2048,128], bf16[2,16,2048,128]",
        4 * 2 * 16 * 2048**2 * 128,
    ),
)
WORTH_TRYING = 30.0


def spearman(first: list[float], second: list[float]) -> float | None:
    """Rank correlation, ties by their mean rank; None for fewer than three pairs."""
    if len(first) < 3:
        return None
    return float(np.corrcoef(_ranks(first), _ranks(second))[0, 1])


def _ranks(values: list[float]) -> np.ndarray:
    array = np.asarray(values)
    return np.array([(np.sum(array < v) + np.sum(array <= v) - 1) / 2 for v in array])


def draw_configs(kernel: PreparedKernel, target: Target, count: int, seed: int) -> tuple[Config, ...]:
    """The default and random configs with distinct code, of those that the guess made without compiling puts within `WORTH_TRYING`
    times of the best drawn: the rest mostly do not compile, or take the compiler minutes."""
    rng = random.Random(seed)
    guess = prior_of(kernel.ir, target)
    drawn = {config: guess(config) for config in (kernel.space.sample(rng) for _ in range(20 * count))}
    limit = WORTH_TRYING * min(drawn.values())
    found: dict[str, Config] = {}
    for config in (kernel.space.default(), *(config for config, estimate in drawn.items() if estimate <= limit)):
        found.setdefault(code_of(generate(kernel.ir, config, target)), config)
        if len(found) == count:
            break
    return tuple(found.values())


def trials_of(
    kernel: PreparedKernel, target: Target, method: ModelMethod | MeasuredMethod, configs: tuple[Config, ...], seconds: float
) -> tuple[Trial, ...]:
    options = TuneOptions(budget_seconds=seconds, search=FiniteSearch(configs), compile_seconds=30.0)
    result = tune_kernel(kernel.ir, kernel.space, target, method, options, emit=report)
    return result.trials


def report(event: TuningEvent) -> None:
    if isinstance(event, TuningProgress) and event.distinct % 10 == 0:
        print(f"    {event.distinct} trials, {event.elapsed_seconds:.0f} s, best {event.best_us}", file=sys.stderr, flush=True)


def correlate(kernel: BenchmarkedKernel, target: Target, count: int, seconds: float, *, dry_run: bool) -> dict[str, Any]:
    started = time.monotonic()
    prepared = prepare(kernel, target)
    configs = draw_configs(prepared, target, count, seed=0)
    estimated = trials_of(prepared, target, ModelMethod(), configs, seconds)
    measured: tuple[Trial, ...] = ()
    if not dry_run:
        process = WorkerProcess(python_command("helion.runtime.measure_process"))
        payload = KernelInFile(str(kernel.path), kernel.qualname, kernel.arguments)
        measured = trials_of(prepared, target, MeasuredMethod(process, SetUp(payload)), configs, seconds)
    times = {trial.config: trial for trial in measured}
    rows = [row(prepared, target, trial, times.get(trial.config)) for trial in estimated]
    found = {"kernel": kernel.name, "arguments": kernel.arguments, "seconds": round(time.monotonic() - started, 1)}
    return {**found, **summary_of(rows), "configs": rows}


def estimate_again(kernel: Mapping[str, Any], target: Target) -> dict[str, Any]:
    """The same measurements, with what the model says of the same compiled code now."""
    rows = [{**row, "model_us": estimated_again(row, target)} for row in kernel["configs"]]
    return {**kernel, **summary_of(rows), "configs": rows}


def summary_of(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    pairs = [(r["model_us"], r["measured_us"]) for r in rows if r["model_us"] is not None and r["measured_us"] is not None]
    return {
        "spearman": spearman([a for a, _ in pairs], [b for _, b in pairs]),
        "pairs": len(pairs),
        "best_measured_us": min((b for _, b in pairs), default=None),
        "measured_us_of_models_choice": min(pairs, default=(None, None))[1],
    }


def row(kernel: PreparedKernel, target: Target, estimated: Trial, measured: Trial | None) -> dict[str, Any]:
    failure = measured.outcome.failure if measured is not None else estimated.outcome.failure
    return {
        "config": dict(estimated.config),
        "model_us": estimated.outcome.microseconds,
        "measured_us": None if measured is None else measured.outcome.microseconds,
        "noise_us": None if measured is None else measured.outcome.noise,
        "failure": None if failure is None else [failure.kind, failure.message[-300:]],
        "resources": dict(estimated.outcome.resources),
        "work": [asdict(work) for work in count_work(kernel.ir, estimated.config, target)],
    }


def write(output: Path, target: str, kernels: Sequence[Mapping[str, Any]]) -> None:
    found = {"target": target, "kernels": kernels, "claims": judge_claims(kernels)}
    output.write_text(json.dumps(found, indent=1), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path)
    parser.add_argument("--configs", type=int, default=40)
    parser.add_argument("--seconds", type=float, default=80.0, help="budget of each method for each kernel")
    parser.add_argument("--target", default="sm_90")
    parser.add_argument("--kernels", default=",".join(kernel.name for kernel in KERNELS))
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--dry-run", action="store_true")
    how.add_argument("--stored", action="store_true")
    options = parser.parse_args()
    target = find_target(options.target)
    assert target is not None, options.target
    if options.stored:
        stored = json.loads(options.output.read_text(encoding="utf-8"))
        write(options.output, stored["target"], [estimate_again(kernel, target) for kernel in stored["kernels"]])
        return
    results: list[dict[str, Any]] = []
    for kernel in KERNELS:
        if kernel.name not in options.kernels.split(","):
            continue
        results.append(correlate(kernel, target, options.configs, options.seconds, dry_run=options.dry_run))
        write(options.output, target.name, results)
        summary = {key: value for key, value in results[-1].items() if key != "configs"}
        print(json.dumps(summary), flush=True)


if __name__ == "__main__":
    main()
