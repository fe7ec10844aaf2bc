"""Trials in, JSON lines in a file out, flushed one by one; and back, so that a crashed or cancelled tuning goes on where it stopped."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self, TextIO

from helion.autotune.trial import Trial

_FORMAT = 2


class TrialLog:
    """Append-only. The first line is the header: what is tuned, where, by which versions. A log with another header is started anew."""

    def __init__(self, path: Path | None, header: Mapping[str, Any], *, fresh: bool = False) -> None:
        """With no path nothing is kept. `header` must be JSON-ready and equal in every run that may go on from this log. `fresh` starts
        it anew in any case. Only settled trials are gone on from: others are tried again."""
        self.path = path
        self.resumed: tuple[Trial, ...] = ()
        self._file: TextIO | None = None
        if path is None:
            return
        record = {"kind": "header", "format": _FORMAT, **header}
        self.resumed = () if fresh else _read(path, record)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a" if self.resumed else "w", encoding="utf-8")
        if self.resumed:
            self._file.write("\n")  # ends a line that a crash cut short
        else:
            self._write(record)

    def append(self, trial: Trial) -> None:
        self._write(trial.to_json())

    def finish(self, record: Mapping[str, Any]) -> None:
        """Note the result; a later run with the same header still goes on from the trials."""
        self._write({"kind": "result", **record})

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _write(self, record: Mapping[str, Any]) -> None:
        if self._file is not None:
            self._file.write(json.dumps(record) + "\n")
            self._file.flush()


def log_path(folder: Path, kernel: str, header: Mapping[str, Any]) -> Path:
    """A file of its own for every header, so that tuning one thing never ends the log of another."""
    digest = hashlib.sha256(json.dumps(header, sort_keys=True).encode()).hexdigest()[:16]
    return folder / f"{kernel}-{digest}.jsonl"


def _read(path: Path, header: Mapping[str, Any]) -> tuple[Trial, ...]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    except FileNotFoundError:
        return ()
    records = [record for line in lines if (record := _parsed(line)) is not None]
    if not records or records[0] != json.loads(json.dumps(header)):
        return ()
    trials = (Trial.from_json(record) for record in records[1:] if record["kind"] == "trial")
    return tuple(trial for trial in trials if trial.is_settled)


def _parsed(line: str) -> dict[str, Any] | None:
    """A line's record, or None for an empty line and one cut short by a crash."""
    try:
        return json.loads(line) if line.endswith("\n") else None
    except json.JSONDecodeError:
        return None
