"""What a tuning gives back: the config to keep with its evidence, or why there is none; plain data for locks and reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from helion.autotune.evaluator import Correctness
from helion.config.config import Config
from helion.diagnostics.catalog.tuning import FailureCause, NoConfigFound, ResultsDiffer, TuningUnavailable
from helion.diagnostics.diagnostic import Diagnostic
from helion.source import Span
from helion.trials.trial import Trial, failure_histogram


@dataclass(frozen=True)
class TuneResult:
    """The winner. Times are in µs; with method "model" they are estimates, and everything that shows them must say so.

    `config` is what calls run now (`current`, the default when that is None) when nothing beat it by more than the noise; `significant`
    is then False. `partial` when the search was cancelled: nothing is confirmed or checked then. `reason` says what ended it:
    "exhausted", "budget" or "cancelled". `code` is that of the trial it comes from, whose config may say more than `config` needs to.
    """

    config: Config
    code: str
    default: Config
    method: str
    device: str
    search: str
    microseconds: float
    noise: float
    default_microseconds: float | None
    significant: bool
    correctness: Correctness
    resources: Mapping[str, Any]
    trials: tuple[Trial, ...]
    seconds: float
    partial: bool
    reason: str
    log: str | None
    current: Config | None = None
    current_microseconds: float | None = None

    @property
    def estimated(self) -> bool:
        return self.method == "model"

    def to_json(self) -> dict[str, Any]:
        return {
            "config": dict(self.config),
            "code": self.code,
            "method": self.method,
            "estimated": self.estimated,
            "device": self.device,
            "search": self.search,
            "us": self.microseconds,
            "noise_us": self.noise,
            "default_us": self.default_microseconds,
            "current": None if self.current is None else dict(self.current),
            "current_us": self.current_microseconds,
            "significant": self.significant,
            "correctness": vars(self.correctness),
            "resources": dict(self.resources),
            "trials": len(self.trials),
            "failures": dict(failure_histogram(self.trials)),
            "seconds": round(self.seconds, 2),
            "partial": self.partial,
            "reason": self.reason,
            "log": self.log,
        }


@dataclass(frozen=True)
class TuneFailure:
    """No config can be kept. `why` is "unavailable" (nothing to tune with), "cancelled" (before anything worked), "no-config" (every
    candidate failed) or "wrong-results" (every candidate that ran, or every finalist, gave other results than the reference)."""

    why: str
    message: str
    trials: tuple[Trial, ...] = ()

    def __str__(self) -> str:
        return self.message

    def histogram(self) -> tuple[tuple[str, int], ...]:
        return failure_histogram(self.trials)

    def causes(self) -> tuple[FailureCause, ...]:
        """Every kind of failure with its count and its first message, most frequent first."""
        firsts: dict[str, str] = {}
        for trial in self.trials:
            if trial.outcome.failure is not None:
                firsts.setdefault(trial.outcome.failure.kind, trial.outcome.failure.message)
        return tuple(FailureCause(kind, count, firsts[kind]) for kind, count in self.histogram())

    def diagnostic(self, kernel: str, span: Span) -> Diagnostic:
        """The failure for people, at the kernel's name."""
        match self.why:
            case "unavailable" | "cancelled":
                return TuningUnavailable(span, kernel, self.message)
            case "wrong-results":
                return ResultsDiffer(span, kernel, self.message, self.causes())
            case _:
                return NoConfigFound(span, kernel, self.causes())

    def to_json(self) -> dict[str, Any]:
        causes = [vars(cause) for cause in self.causes()]
        return {"failed": self.why, "message": self.message, "failures": dict(self.histogram()), "causes": causes}
