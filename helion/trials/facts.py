"""A tuning record in, what one shows of it as JSON-ready data out: for `helion report --json` and the editor's tune panel alike."""

from __future__ import annotations

from typing import Any

from helion.trials.influence import influences_of
from helion.trials.record import TuningRecord
from helion.trials.trial import Trial

_OF_HEADER = ("kernel", "signature", "device", "method", "target")


def facts_of(record: TuningRecord) -> dict[str, Any]:
    """Everything but the single trials. Times are in µs, and estimates where `estimated` says so; `changes` are `[knob, the default's
    value, its own]`; `best_so_far` pairs the number of a trial with the time that it brought."""
    best = record.best_first[0] if record.best_first else None
    default = record.default
    return {
        **{key: record.header.get(key) for key in _OF_HEADER},
        "estimated": record.header.get("method") == "model",
        "trials": len(record.trials),
        "failed": sum(count for _, count, _ in record.failures),
        "default_us": None if default is None else default.outcome.microseconds,
        "best_us": None if best is None else best.microseconds,
        "best_config": None if best is None else dict(best.config),
        "winner": record.winner,
        "changes": [] if best is None else record.changes(best.config),
        "best_so_far": record.best_so_far(),
        "influence": [{"knob": i.knob, "share": round(i.share, 4), "values": i.values} for i in influences_of(record)],
        "failures": [{"kind": kind, "count": count, "first": first} for kind, count, first in record.failures],
        "result": dict(record.result),
    }


def rows_of(record: TuningRecord, after: int = 0) -> list[dict[str, Any]]:
    """The trials in the order they were tried, without the first `after` of them."""
    return [_row(record, number, trial) for number, trial in enumerate(record.trials[after:], after + 1)]


def _row(record: TuningRecord, number: int, trial: Trial) -> dict[str, Any]:
    outcome = trial.outcome
    return {
        "number": number,
        "us": outcome.microseconds,
        "noise_us": outcome.noise,
        "failure": None if outcome.failure is None else {"kind": outcome.failure.kind, "message": outcome.failure.message},
        "registers": outcome.resources.get("registers"),
        "spills": outcome.resources.get("spills"),
        "shared_memory": outcome.resources.get("shared_memory"),
        "changes": record.changes(trial.config),
        "config": dict(trial.config),
    }
