"""How soon a tuning has its first measurement, and how many configs it has tried after ten seconds; writes JSON and prints a table.

    python -m benchmarks.tuning_start OUTPUT.json [--budget 12] [--workers N] [--stand-in]

Kernels are tuned one after the other in this process, as the calls of a program are: the first starts the processes that compile, the
others find them there. Nothing is taken from a cache. With `--stand-in`, for machines without a GPU, candidates are compiled for sm_90
as ever and a measurement is to wait as long as one takes: what is told are the processes, not the kernels.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import tempfile
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from benchmarks.kernels.measurement import environment
from benchmarks.prepared_kernels import BenchmarkedKernel, prepare
from helion.autotune.correctness import Comparison
from helion.autotune.events import TrialEnded, TuningEvent
from helion.autotune.local_process import LocalProcess
from helion.autotune.make_inputs import make_inputs
from helion.autotune.measure_messages import SetUp, Timing
from helion.autotune.subject import Call, Subject
from helion.autotune.tune_kernel import MeasuredMethod, TuneOptions, tune_kernel
from helion.codegen.triton_module import TritonModule
from helion.diagnostics.diagnostic import Diagnostic
from helion.runtime.bound_kernel import BoundKernel
from helion.runtime.import_kernel import import_kernel
from helion.runtime.live_subject import LiveSubject
from helion.runtime.tuning_server import tuning_server
from helion.signatures.notation import parse_notation
from helion.target import DEFAULT_TARGET

SECONDS = 10.0
_MEASUREMENT_SECONDS = 0.06
_HEADS = "bf16[4,32,4096,64]"
KERNELS = (
    BenchmarkedKernel("matmul", "examples/matmul.py", "matmul", "bf16[4096,4096], bf16[4096,4096]"),
    BenchmarkedKernel("softmax", "examples/softmax.py", "softmax", "f32[4096,8192]"),
    BenchmarkedKernel("causal attention", "examples/attention.py", "causal_attention", f"{_HEADS}, {_HEADS}, {_HEADS}"),
)


@dataclass
class Heard:
    """When, in seconds after `started`, each trial ended and whether it has a time."""

    started: float = field(default_factory=time.perf_counter)
    trials: list[tuple[float, bool, bool]] = field(default_factory=list[tuple[float, bool, bool]])

    def __call__(self, event: TuningEvent) -> None:
        if isinstance(event, TrialEnded):
            outcome = event.trial.outcome
            self.trials.append((time.perf_counter() - self.started, event.trial.succeeded, bool(outcome.resources)))

    def record(self) -> dict[str, Any]:
        """None where that did not happen. What was compiled ahead, in another process, has resources."""
        measured = [seconds for seconds, succeeded, _ in self.trials if succeeded]
        ahead = [seconds for seconds, _, compiled in self.trials if compiled]
        return {
            "first_measured_s": round(measured[0], 2) if measured else None,
            "second_measured_s": round(measured[1], 2) if len(measured) > 1 else None,
            "first_compiled_ahead_s": round(ahead[0], 2) if ahead else None,
            "configs_in_10_s": sum(seconds <= SECONDS for seconds, _, _ in self.trials),
            "configs": len(self.trials),
        }


class StandInTimer:
    """Waits as long as a measurement takes. The text of a candidate says its "time", so that a search has something to find."""

    def time(self, call: Call, best: float | None) -> Timing:
        time.sleep(_MEASUREMENT_SECONDS)
        return Timing(call(), 0.1, 10)

    def time_interleaved(self, calls: Sequence[Call], rounds: int) -> list[Timing]:
        time.sleep(_MEASUREMENT_SECONDS * len(calls))
        return [Timing(call(), 0.1, rounds) for call in calls]


@dataclass
class StandIn:
    device: str = "none"
    reference_name: str = "none"
    comparison: Comparison = field(default_factory=lambda: Comparison(enabled=False))

    def make_timer(self) -> StandInTimer:
        return StandInTimer()

    def inputs(self, input_set: int) -> tuple[Any, ...]:
        return ()

    def load(self, module: TritonModule) -> Callable[[], float]:
        return lambda: 10.0 + len(module.text) % 97

    def reference(self, arguments: tuple[Any, ...]) -> Any:
        return None


def tuned(kernel: BenchmarkedKernel, options: TuneOptions, *, stand_in: bool) -> dict[str, Any]:
    """One tuning, from the call: with a GPU, binding the kernel is not counted."""
    if stand_in:
        prepared = prepare(kernel, DEFAULT_TARGET)
        ir, space, target = prepared.ir, prepared.space, DEFAULT_TARGET
        make: Callable[[object], Subject] = lambda _: StandIn()  # noqa: E731
    else:
        bound, args = bound_of(kernel)
        ir, space, target = bound.ir, bound.config_spec, bound.target
        make = lambda _: LiveSubject(bound, args)  # noqa: E731
    method = MeasuredMethod(LocalProcess(make), SetUp(None), default_at_once=True)
    heard = Heard()
    tune_kernel(ir, space, target, method, options, server=tuning_server(), emit=heard)
    return {"kernel": kernel.name, "arguments": kernel.arguments, **heard.record()}


def bound_of(kernel: BenchmarkedKernel) -> tuple[BoundKernel, tuple[Any, ...]]:
    live = import_kernel(kernel.path, kernel.qualname)
    types = parse_notation(kernel.arguments)
    assert not isinstance(types, Diagnostic)
    args = live.normalize_args(*make_inputs(types, list(live.signature.parameters)[: len(types)], seed=0, device="cuda"))
    bound = live.bind(args)
    assert isinstance(bound, BoundKernel)
    return bound, args


@contextlib.contextmanager
def empty_caches() -> Generator[None]:
    """For Triton and for us, in this process and in those it starts."""
    names = ("TRITON_CACHE_DIR", "HELION_CACHE_DIR")
    before = {name: os.environ.get(name) for name in names}
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update({name: str(Path(folder) / name) for name in names})
        try:
            yield
        finally:
            for name, value in before.items():
                os.environ.pop(name) if value is None else os.environ.update({name: value})


def table(records: Sequence[dict[str, Any]]) -> str:
    columns = [name for name in records[0] if name != "arguments"]
    lines = ["| " + " | ".join(columns) + " |", "|---|" + "---:|" * (len(columns) - 1)]
    return "\n".join([*lines, *("| " + " | ".join(str(record[name]) for name in columns) + " |" for record in records)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path)
    parser.add_argument("--budget", type=float, default=12.0, help="seconds of each tuning, a quarter of them for its end")
    parser.add_argument("--workers", type=int, help="processes that compile; one less than cores unless given")
    parser.add_argument("--stand-in", action="store_true", help="without a GPU")
    options = parser.parse_args()
    if not options.stand_in and not torch.cuda.is_available():
        parser.error("there is no GPU here to measure on: --stand-in tells of the processes alone")
    records: list[dict[str, Any]] = []
    with empty_caches():
        given = TuneOptions(budget_seconds=options.budget, compile_workers=options.workers)
        for kernel in KERNELS:
            records.append(tuned(kernel, given, stand_in=options.stand_in))
            print(json.dumps(records[-1]), flush=True)
    here = {"device": "none"} if options.stand_in else environment("benchmarks.tuning_start", options.output.name)
    told = {**here, "cores": len(os.sched_getaffinity(0)), "budget_s": options.budget}
    options.output.write_text(json.dumps({**told, "load": os.getloadavg()[0], "kernels": records}, indent=1) + "\n", encoding="utf-8")
    print(table(records))


if __name__ == "__main__":
    main()
