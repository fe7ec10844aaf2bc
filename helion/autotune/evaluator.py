"""What judges candidates: the interface that measuring and the model share."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from helion.autotune.candidate import Candidate
from helion.trials.trial import Outcome

Judged = tuple[Candidate, Outcome]

# An evaluator says that it still waits at least this often, so that budgets and cancelling are kept to a fraction of a second.
TICK_SECONDS = 0.2


@dataclass(frozen=True)
class Correctness:
    """How a winner's results compared with the reference's, over `input_sets` inputs, `repeats` runs each.

    `passed` is None when nothing was compared; `message` then says why, else what differed. `worst` is the largest difference in
    units of the tolerance, at most `allowed` when it passed: that is more than 1 where rounding alone moves the reference's results so far.
    """

    passed: bool | None
    reference: str
    input_sets: int
    repeats: int
    worst: float | None
    message: str
    allowed: float = 1.0


@dataclass(frozen=True)
class Confirmed:
    """A finalist's time after interleaved rounds in a fresh process: the median in µs and half the interquartile range."""

    candidate: Candidate
    microseconds: float
    noise: float


class Evaluator(Protocol):
    """Judges candidates by one method."""

    @property
    def method(self) -> str:
        """ "measured" or "model"."""
        ...

    @property
    def device(self) -> str:
        """The product name measured on, or the target's name."""
        ...

    def evaluate(self, candidates: Iterator[Candidate]) -> Generator[Judged | None]:
        """Judge candidates as they become ready, in any order, pulling the next when there is room; None says it still waits.

        Closing it drops those in flight."""
        ...

    def confirm(self, finalists: Sequence[Candidate]) -> list[Confirmed]:
        """Judge the finalists again, against each other and apart from what the search left behind; failed ones are left out."""
        ...

    def check(self, candidate: Candidate) -> Correctness:
        """Compare the candidate's results with the reference's."""
        ...

    def close(self) -> None:
        """End every process."""
        ...
