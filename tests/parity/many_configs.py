"""Random configs of every case by the hundred, over the processes and GPUs there are: what differed from torch, as JSON.

    python -m tests.parity.many_configs OUTPUT [--configs 200] [--seconds 500] [--processes 16] [--only NAME]

Or on Triton's interpreter, with `TRITON_INTERPRET=1` and `--device cpu`. Seeds go round the cases in turn, so that a run that its time
cuts has tried all of them about as often; `--first` goes on where another run ended, and where OUTPUT is there, this run is added to it. A
config whose code takes longer than `--patience` to compile and run is killed and counted as slow, one that Triton's own passes fail for is
counted as not compiled, and a case gets no more turns once it has used `--case-seconds`.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
import traceback
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.parity.cases import CASE_BY_NAME, CASES
from tests.parity.trial import Trial, run_trial

_START_SECONDS = 120.0
_PASSES_FAILED = "PassManager::run failed"


@dataclass
class _Runner:
    """A process that runs trials on one GPU, and what it is at."""

    context: ForkServerContext
    gpu: str
    process: ForkServerProcess
    connection: Connection
    trial: Trial | None = None
    deadline: float = 0.0
    since: float = 0.0

    @staticmethod
    def start(context: ForkServerContext, gpu: str) -> _Runner:
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(theirs, gpu), daemon=True)
        process.start()
        theirs.close()
        return _Runner(context, gpu, process, ours, deadline=time.monotonic() + _START_SECONDS)

    def again(self) -> _Runner:
        return _Runner.start(self.context, self.gpu)

    def give(self, trial: Trial, patience: float) -> None:
        self.trial, self.since = trial, time.monotonic()
        self.deadline = self.since + patience
        self.connection.send(trial)

    def stop(self) -> None:
        """Its compilers end with it."""
        self.connection.close()
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid or 0, signal.SIGKILL)
        self.process.kill()
        self.process.join()


@dataclass
class _Tally:
    outcomes: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter[str]))
    seconds: Counter[str] = field(default_factory=Counter[str])
    failures: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    def add(self, trial: Trial, seconds: float, outcome: str, words: str = "") -> None:
        self.outcomes[trial.case][outcome] += 1
        self.seconds[trial.case] += seconds
        if outcome in ("differs", "crashed"):
            self.failures.append({"trial": str(trial), "outcome": outcome, "words": words})
            print(f"{trial}: {words[-300:]}", file=sys.stderr, flush=True)

    def as_json(self, command: list[str], took: float, before: dict[str, Any]) -> dict[str, Any]:
        """`before` is what is told of earlier runs, which this one goes on from."""
        for case, counts in before.get("by_case", {}).items():
            self.outcomes[case].update(counts)
        every = sum(self.outcomes.values(), Counter[str]())
        return {
            "device": torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu",
            "torch": torch.__version__,
            "commands": [*before.get("commands", ()), " ".join(command)],
            "seconds": round(before.get("seconds", 0.0) + took, 1),
            "cases": len(self.outcomes),
            "configs": every.total(),
            "outcomes": dict(every),
            "fewest_of_a_case": min((counter.total() for counter in self.outcomes.values()), default=0),
            "by_case": {case: dict(counter) for case, counter in sorted(self.outcomes.items())},
            "failures": [*before.get("failures", ()), *self.failures],
        }


def _trials(options: argparse.Namespace, tally: _Tally) -> Iterator[Trial]:
    cases = [case for case in CASES if not options.only or any(name in case.name for name in options.only)]
    for seed in range(options.first, options.first + options.configs):
        for case in cases:
            if tally.seconds[case.name] < options.case_seconds:
                yield Trial(case.name, 1, case.dtypes[0], seed % 2 == 0 or bool(case.no_dynamic_shapes), seed, device=options.device)


def _run(options: argparse.Namespace) -> _Tally:
    tally = _Tally()
    end = time.monotonic() + options.seconds
    context = get_context("forkserver")  # a process that met an error is followed by one that has everything imported
    context.set_forkserver_preload(["tests.parity.trial", "torch._inductor.lowering", "triton"])
    gpus = os.environ.get("CUDA_VISIBLE_DEVICES", ",".join(map(str, range(torch.cuda.device_count())))).split(",")
    runners = [_Runner.start(context, gpus[number % len(gpus)]) for number in range(options.processes)]
    trials: Iterator[Trial] = _trials(options, tally)
    while runners and time.monotonic() < end:
        ready = wait([runner.connection for runner in runners], timeout=0.5)
        for number, runner in enumerate(runners):
            is_late = runner.connection not in ready
            if is_late and time.monotonic() < runner.deadline:
                continue
            if not _take(runner, tally, is_late):
                runners[number] = runner = runner.again()
            elif (trial := next(trials, None)) is not None:
                runner.give(trial, options.patience)
            else:
                runner.stop()
        runners = [runner for runner in runners if not runner.connection.closed]
    for runner in runners:
        runner.stop()
    return tally


def _take(runner: _Runner, tally: _Tally, is_late: bool) -> bool:
    """Note what the runner says; whether it can go on. One that met an error is ended: its GPU context may be poisoned."""
    seconds = time.monotonic() - runner.since
    try:
        outcome, words = ("slow", "") if is_late else runner.connection.recv()
    except (EOFError, OSError) as lost:
        outcome, words = "crashed", f"the process ended: {lost!r}"
    if runner.trial is not None:
        tally.add(runner.trial, seconds, outcome, words)
    elif outcome != "ready":
        raise RuntimeError(f"a process of the trials did not start: {outcome} {words}")
    runner.trial = None
    if outcome in ("ready", "same", "too big", "not compiled"):
        return True
    runner.stop()
    return False


def _serve(connection: Connection, gpu: str) -> None:
    os.setsid()
    os.environ |= {"CUDA_VISIBLE_DEVICES": gpu, "CUDA_LAUNCH_BLOCKING": "1"}
    if torch.cuda.is_available():
        torch.zeros(1, device="cuda")
    connection.send(("ready", ""))
    while True:
        try:
            trial = connection.recv()
        except EOFError:
            return
        try:
            run_trial(trial)
        except pytest.skip.Exception:
            connection.send(("too big", ""))
        except Exception as problem:
            if _PASSES_FAILED in str(problem):  # a search drops those, too
                connection.send(("not compiled", ""))
                continue
            notes = " ".join(getattr(problem, "__notes__", []))
            connection.send(("differs", f"{traceback.format_exc(limit=-3)[-1500:]} {notes}"))
        else:
            connection.send(("same", ""))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path)
    parser.add_argument("--configs", type=int, default=200)
    parser.add_argument("--first", type=int, default=1000, help="the first seed")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--seconds", type=float, default=500.0)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--patience", type=float, default=25.0)
    parser.add_argument("--case-seconds", type=float, default=400.0)
    parser.add_argument("--only", action="append", metavar="NAME", help=f"cases with this in their name, of {len(CASE_BY_NAME)}")
    options = parser.parse_args()
    start = time.monotonic()
    tally = _run(options)
    before: dict[str, Any] = json.loads(options.output.read_text()) if options.output.exists() else {}
    command = ["python", "-m", "tests.parity.many_configs", *sys.argv[1:]]
    text = json.dumps(tally.as_json(command, time.monotonic() - start, before), indent=1)
    options.output.write_text(text + "\n")
    return 1 if tally.failures else 0


if __name__ == "__main__":
    sys.exit(main())
