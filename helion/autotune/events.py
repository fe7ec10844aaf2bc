"""What a running tuning tells whoever watches it, as plain data; printing is theirs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from helion.trials.trial import Trial


@dataclass(frozen=True)
class TuningStarted:
    """`method` is "measured" or "model"; `resumed` counts the trials taken over from the log; `header` is the log's, also where none is
    kept: what is tuned, and what the entries of its configs' lists stand for."""

    kernel: str
    method: str
    search: str
    device: str
    budget_seconds: float
    seed: int
    resumed: int
    log: str | None
    header: Mapping[str, Any]


@dataclass(frozen=True)
class GenerationStarted:
    """A batch of `size` configs was proposed; generation 0 is the default and the configs given as starting points."""

    number: int
    size: int


@dataclass(frozen=True)
class TrialEnded:
    """One config was judged, or taken over from the log."""

    trial: Trial


@dataclass(frozen=True)
class TuningProgress:
    """After every trial: counts, times in µs, seconds. `failures` pairs kinds with counts; `seconds_left` is what the budget leaves."""

    trials: int
    distinct: int
    elapsed_seconds: float
    seconds_left: float
    best_us: float | None
    default_us: float | None
    latest_us: float | None
    improved: bool
    best_config: Mapping[str, Any] | None
    failures: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class TuningPhase:
    """A step with no trials: "confirming", "checking", ..."""

    text: str


@dataclass(frozen=True)
class TuningFinished:
    """`partial` when the search was cancelled; `reason` says what ended it."""

    best_us: float | None
    default_us: float | None
    partial: bool
    reason: str


TuningEvent = TuningStarted | GenerationStarted | TrialEnded | TuningProgress | TuningPhase | TuningFinished
_NAMES = {
    TuningStarted: "started",
    GenerationStarted: "generation",
    TuningProgress: "progress",
    TuningPhase: "phase",
    TuningFinished: "finished",
}


def event_to_json(event: TuningEvent) -> dict[str, Any]:
    """One JSON object an event; `event` says which."""
    if isinstance(event, TrialEnded):
        return {**event.trial.to_json(), "event": "trial"}
    return {"event": _NAMES[type(event)], **asdict(event)}
