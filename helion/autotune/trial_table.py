"""Trials in, a CSV table and a text log at the path of `autotune_log` out, written line by line; for people and spreadsheets."""

from __future__ import annotations

import csv
import json
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO

from helion.trials.trial import Trial

COLUMNS = ("timestamp_s", "config_index", "generation", "status", "perf_ms", "compile_time_s", "config")
_TIMEOUTS = frozenset({"timeout", "run-timeout"})


class TrialTable:
    """`<base>.csv` and `<base>.log`, and with `details` `<base>.meta.jsonl`, anew for every tuning. With no base nothing is written."""

    def __init__(self, base: str | None, *, details: bool = False) -> None:
        self._started = time.monotonic()
        self._table: TextIO | None = None
        self._log: TextIO | None = None
        self._details: TextIO | None = None
        if base is not None:
            Path(base).parent.mkdir(parents=True, exist_ok=True)
            self._table = Path(f"{base}.csv").open("w", encoding="utf-8", newline="")  # noqa: SIM115 - closed by `__exit__`
            self._log = Path(f"{base}.log").open("w", encoding="utf-8")  # noqa: SIM115
            self._row(COLUMNS)
            if details:
                self._details = Path(f"{base}.meta.jsonl").open("w", encoding="utf-8")  # noqa: SIM115

    def add(self, trial: Trial) -> None:
        outcome = trial.outcome
        perf = "" if outcome.microseconds is None else f"{outcome.microseconds / 1000:.6f}"
        elapsed = f"{time.monotonic() - self._started:.2f}"
        self._row((elapsed, trial.index, trial.generation, status_of(trial), perf, f"{outcome.seconds:.2f}", str(trial.config)))

        if self._details is not None:
            self._details.write(json.dumps(trial.to_json()) + "\n")
            self._details.flush()

    def write(self, line: str) -> None:
        """One line of the log."""
        if self._log is not None:
            self._log.write(line + "\n")
            self._log.flush()

    def _row(self, values: tuple[Any, ...]) -> None:
        if self._table is not None:
            csv.writer(self._table, lineterminator="\n").writerow(values)
            self._table.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for file in (self._table, self._log, self._details):
            if file is not None:
                file.close()


def status_of(trial: Trial) -> str:
    """ok, timeout or error."""
    failure = trial.outcome.failure
    if failure is None:
        return "ok"
    return "timeout" if failure.kind in _TIMEOUTS else "error"
