"""Trials in, JSON lines in a file out, flushed one by one; and back, so that a crashed or cancelled tuning goes on where it stopped."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self, TextIO

from helion.trials.record import header_record, identity_of_header
from helion.trials.trial import Trial

try:
    import fcntl
except ImportError:  # Windows has none: two tunings of the same thing at once are not kept apart there
    fcntl = None


class TrialLog:
    """Append-only. The first line is the header: what is tuned, where, by which versions. A log with another header is started anew."""

    def __init__(self, path: Path | None, header: Mapping[str, Any], *, fresh: bool = False) -> None:
        """With no path nothing is kept. `header` must be JSON-ready and, but for the file and the host, equal in every run that may go on
        from this log. `fresh` starts it anew in any case. Only settled trials are gone on from: others are tried again. While another
        process writes the same log, as the ranks of a distributed job may, this one keeps a log of its own beside it."""
        self.path = path
        self.header = header
        self.resumed: tuple[Trial, ...] = ()
        self._file: TextIO | None = None
        if path is None:
            return
        record = header_record(header)
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path, self._file = _opened(path)
        self.resumed = () if fresh else _read(self.path, record)
        if self.resumed:
            self._file.write("\n")  # ends a line that a crash cut short
        else:
            self._file.truncate(0)
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
    digest = hashlib.sha256(json.dumps(identity_of_header(header), sort_keys=True).encode()).hexdigest()[:16]
    return folder / f"{kernel}-{digest}.jsonl"


def _opened(path: Path) -> tuple[Path, TextIO]:
    """The log to append to, locked until it is closed."""
    file = path.open("a", encoding="utf-8")
    if _lock(file):
        return path, file
    file.close()
    own = path.with_stem(f"{path.stem}-{os.getpid()}")
    file = own.open("a", encoding="utf-8")
    _lock(file)
    return own, file


def _lock(file: TextIO) -> bool:
    if fcntl is None:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _read(path: Path, header: Mapping[str, Any]) -> tuple[Trial, ...]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    except FileNotFoundError:
        return ()
    records = [record for line in lines if (record := _parsed(line)) is not None]
    if not records or identity_of_header(records[0]) != identity_of_header(json.loads(json.dumps(header))):
        return ()
    trials = (Trial.from_json(record) for record in records[1:] if record["kind"] == "trial")
    return tuple(trial for trial in trials if trial.is_settled)


def _parsed(line: str) -> dict[str, Any] | None:
    """A line's record, or None for an empty line and one cut short by a crash."""
    try:
        return json.loads(line) if line.endswith("\n") else None
    except json.JSONDecodeError:
        return None
