"""What the tuner and its measuring process say to each other; plain data."""

from __future__ import annotations

from dataclasses import dataclass

from helion.autotune.evaluator import Correctness
from helion.codegen.triton_module import TritonModule


@dataclass(frozen=True)
class SetUp:
    """First message of a process: what to measure. `subject` is understood by the process's own subject factory."""

    subject: object


@dataclass(frozen=True)
class Ready:
    device: str


@dataclass(frozen=True)
class MeasureOne:
    """Time one candidate. Its first result is compared with the reference's; the further it is behind `best`, the fastest so far in µs,
    the fewer repetitions it gets."""

    module: TritonModule
    best: float | None


@dataclass(frozen=True)
class MeasureTogether:
    """Time several candidates in interleaved rounds."""

    modules: tuple[TritonModule, ...]
    rounds: int


@dataclass(frozen=True)
class CheckResults:
    """Compare a candidate's results with the reference's, on `input_sets` inputs, `repeats` times each."""

    module: TritonModule
    input_sets: int
    repeats: int


@dataclass(frozen=True)
class Timing:
    """The median in µs and half the interquartile range, over `repetitions`."""

    microseconds: float
    noise: float
    repetitions: int


@dataclass(frozen=True)
class Timings:
    """In the order asked; None for a candidate that failed."""

    timings: tuple[Timing | None, ...]


@dataclass(frozen=True)
class Checked:
    correctness: Correctness


@dataclass(frozen=True)
class MeasureFailure:
    """`kind` as in `helion.trials.trial.Failure`; after a `sticky` one the process is of no more use."""

    kind: str
    message: str
    sticky: bool = False
