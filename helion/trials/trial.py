"""One config tried: what came of it, as plain data that turns into JSON and back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from helion.config.config import Config

_MAY_CHANGE = frozenset({"timeout", "run-timeout", "wrong-result", "run", "hopeless"})


@dataclass(frozen=True)
class Failure:
    """Why a config has no time. `kind` is one of `helion.offline.artifact.CompileFailure`'s, or

    "codegen" (no code for this config), "run-timeout", "run-crash" (the measuring process died), "device-error" (a sticky error of
    the GPU), "launch" (the launch was refused), "out-of-memory", "wrong-result" (the output differs from the reference), "hopeless" (not
    run: by what the compiler gave it, far slower than the fastest), "run" (anything else).
    """

    kind: str
    message: str


@dataclass(frozen=True)
class Outcome:
    """What judging one candidate gave: a time (measured, or estimated by the model) with its noise, or a failure."""

    microseconds: float | None = None
    noise: float = 0.0
    failure: Failure | None = None
    resources: Mapping[str, Any] = field(default_factory=dict[str, Any])
    seconds: float = 0.0


@dataclass(frozen=True)
class Trial:
    """One line of the trial log. `code` is empty when there is no code; `generation` is the number of the batch it was tried in."""

    index: int
    config: Config
    code: str
    outcome: Outcome
    generation: int = 0

    @property
    def microseconds(self) -> float:
        """The time; infinite for a failure, so that trials sort."""
        return float("inf") if self.outcome.microseconds is None else self.outcome.microseconds

    @property
    def is_settled(self) -> bool:
        """Whether trying again would say the same; a deadline, a tolerance or what it is compared with may
        have been changed since."""
        return self.outcome.failure is None or self.outcome.failure.kind not in _MAY_CHANGE

    @property
    def succeeded(self) -> bool:
        return self.outcome.microseconds is not None

    def to_json(self) -> dict[str, Any]:
        outcome = self.outcome
        return {
            "kind": "trial",
            "index": self.index,
            "generation": self.generation,
            "status": "ok" if self.succeeded else "failed",
            "us": outcome.microseconds,
            "noise_us": outcome.noise,
            "failure": None if outcome.failure is None else {"kind": outcome.failure.kind, "message": outcome.failure.message},
            "seconds": round(outcome.seconds, 4),
            "resources": dict(outcome.resources),
            "code": self.code,
            "config": dict(self.config),
        }

    @staticmethod
    def from_json(record: Mapping[str, Any]) -> Trial:
        failure = record["failure"]
        outcome = Outcome(
            microseconds=record["us"],
            noise=record["noise_us"],
            failure=None if failure is None else Failure(failure["kind"], failure["message"]),
            resources=record["resources"],
            seconds=record["seconds"],
        )
        return Trial(record["index"], Config(**record["config"]), record["code"], outcome, record["generation"])


def failure_histogram(trials: Iterable[Trial]) -> tuple[tuple[str, int], ...]:
    """How often each kind of failure occurred, most frequent first."""
    counts = Counter(trial.outcome.failure.kind for trial in trials if trial.outcome.failure is not None)
    return tuple(counts.most_common())
