"""A small config space, generated "code" that says how it behaves, and a way to tune over them without a compiler or a GPU."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from helion.autotune.candidate import Candidate
from helion.autotune.compile_pool import CompilePool
from helion.autotune.evaluator import Confirmed, Correctness, Judged
from helion.autotune.hopeless import Hopeless
from helion.autotune.measure_messages import SetUp
from helion.autotune.measured_evaluator import Deadlines, MeasuredEvaluator
from helion.codegen.triton_module import LaunchPlan, TritonModule
from helion.config.config import Config
from helion.config.knobs import Knob, Slot
from helion.config.space import KnobSlots
from helion.offline.process import WorkerProcess
from helion.offline.worker import CompileWorker
from helion.target import DEFAULT_TARGET
from helion.trials.trial import Failure, Outcome

HERE = Path(__file__).parent
SIZES = (16, 32, 64, 128, 256)
WARPS = (1, 2, 4, 8)


def _slot(site: str, default: int, choices: tuple[int, ...]) -> Slot:
    return Slot(site, None, default, choices, lambda value: value in choices, f"one of {choices}")


@dataclass(frozen=True)
class FakeSpace:
    """Two block sizes and a number of warps."""

    knobs: tuple[KnobSlots, ...] = (
        KnobSlots(Knob("block_sizes", "", lambda ir, target: (), is_list=True), (_slot("m", 32, SIZES), _slot("n", 32, SIZES))),
        KnobSlots(Knob("num_warps", "", lambda ir, target: ()), (_slot("kernel", 4, WARPS),)),
    )
    usual: Config = field(default_factory=lambda: Config(block_sizes=[32, 32], num_warps=4))

    def admit(self, config: Mapping[str, Any]) -> Config | None:
        return Config(**config)

    def default(self) -> Config:
        return self.usual

    def sample(self, rng: random.Random) -> Config:
        return Config(block_sizes=[rng.choice(SIZES), rng.choice(SIZES)], num_warps=rng.choice(WARPS))

    def neighbours(self, config: Config) -> list[Config]:
        found: list[Config] = []
        sizes, warps = list(config["block_sizes"]), config["num_warps"]
        for index, size in enumerate(sizes):
            for other in (size // 2, size * 2):
                if other in SIZES:
                    found.append(Config(block_sizes=[*sizes[:index], other, *sizes[index + 1 :]], num_warps=warps))
        found += [Config(block_sizes=sizes, num_warps=other) for other in (warps // 2, warps * 2) if other in WARPS]
        return found


def fake_time(config: Config) -> float:
    """µs with one best config: block sizes 128 and 64, 8 warps."""
    m, n = config["block_sizes"]
    return 10.0 + abs(SIZES.index(m) - 3) * 5 + abs(SIZES.index(n) - 2) * 3 + abs(WARPS.index(config["num_warps"]) - 3)


def module_that(behaviour: str) -> TritonModule:
    """A module whose text tells the fake processes what to do."""
    return TritonModule(behaviour, (), LaunchPlan("k", "h", (), "(1,)", 1, 4, 1))


def well_behaved(config: Config) -> TritonModule:
    return module_that(f"time {fake_time(config)} # {config['block_sizes']} {config['num_warps']}")


@dataclass
class FakeEvaluator:
    """Judges by the text in this process; `judged` keeps the order."""

    method: str = "measured"
    device: str = "fake"
    judged: list[Config] = field(default_factory=list)
    after: Callable[[int], None] = lambda count: None
    closed: bool = False
    wrong: tuple[Config, ...] = ()
    noise: float = 0.0
    noise_of_trials: float = 0.0

    def evaluate(self, candidates: Iterator[Candidate]) -> Generator[Judged | None]:
        for candidate in candidates:
            self.judged.append(candidate.config)
            yield None
            yield candidate, self._outcome(candidate)
            self.after(len(self.judged))

    def _outcome(self, candidate: Candidate) -> Outcome:
        verb, _, rest = candidate.module.text.partition(" ")
        if verb == "time":
            return Outcome(microseconds=float(rest.split()[0]), noise=self.noise_of_trials, seconds=0.01)
        return Outcome(failure=Failure(verb, rest))

    def confirm(self, finalists: Sequence[Candidate]) -> list[Confirmed]:
        return [Confirmed(c, float(c.module.text.split()[1]), self.noise) for c in finalists]

    def check(self, candidate: Candidate) -> Correctness:
        passed = candidate.config not in self.wrong
        return Correctness(passed, "fake", 2, 3, 0.1 if passed else 9.0, "" if passed else "result differs")

    def close(self) -> None:
        self.closed = True


def fake_compile_worker() -> CompileWorker:
    return CompileWorker(WorkerProcess([sys.executable, str(HERE / "fake_compiler.py")]), start_seconds=60.0)


def process_evaluator(
    *, compile_seconds: float = 10.0, run_seconds: float = 10.0, subject: str = "good", hopeless: Hopeless | None = None
) -> MeasuredEvaluator:
    """The real measured evaluator over processes that obey the modules' text."""
    pool = CompilePool(2, DEFAULT_TARGET, compile_seconds=compile_seconds, workers=[fake_compile_worker(), fake_compile_worker()])
    process = WorkerProcess([sys.executable, str(HERE / "fake_measurer.py")])
    deadlines = Deadlines(set_up=30.0, measure=run_seconds, confirm=run_seconds)
    return MeasuredEvaluator(pool, process, SetUp(subject), deadlines, hopeless=hopeless)
