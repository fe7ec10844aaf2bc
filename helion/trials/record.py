"""The lines of a trial log in, the tuning as values out; knows neither HTML nor how to tune."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from helion.config.config import Config
from helion.trials.trial import Trial
from helion.types.untyped import is_dict, is_sequence

FORMAT = 2
# What a header says of where it is from: nothing that times depend on, so that a log is gone on from whatever this says.
_ORIGIN = ("file", "host")


@dataclass(frozen=True)
class TuningRecord:
    """`header` says what was tuned; `result` is what the last run concluded, empty when none came to an end."""

    header: Mapping[str, Any]
    trials: tuple[Trial, ...]
    result: Mapping[str, Any]

    @property
    def default(self) -> Trial | None:
        """The default config is tried first."""
        return self.trials[0] if self.trials else None

    @cached_property
    def best_first(self) -> tuple[Trial, ...]:
        return tuple(sorted((t for t in self.trials if t.succeeded), key=lambda t: t.microseconds))

    @cached_property
    def winner(self) -> int | None:
        """The number of the trial whose code the result keeps; the newest, where several runs tried it."""
        code = self.result.get("code")
        found = [number for number, trial in enumerate(self.trials, 1) if code and trial.code == code]
        return found[-1] if found else None

    @property
    def failures(self) -> list[tuple[str, int, str]]:
        """Kind, count and the first message of each kind of failure, most frequent first."""
        failed = [t.outcome.failure for t in self.trials if t.outcome.failure is not None]
        firsts = {f.kind: f.message for f in reversed(failed)}
        return [(kind, count, firsts[kind]) for kind, count in Counter(f.kind for f in failed).most_common()]

    def best_so_far(self) -> list[tuple[int, float]]:
        """The number of a trial and the best time known after it, where it falls."""
        steps: list[tuple[int, float]] = []
        for number, trial in enumerate(self.trials, 1):
            if trial.succeeded and (not steps or trial.microseconds < steps[-1][1]):
                steps.append((number, trial.microseconds))
        return steps

    def changes(self, config: Config) -> list[tuple[str, str, str]]:
        """The knobs in which a config differs from the default: name, the default's value, its own."""
        if self.default is None:
            return []
        plain, own = dict(self.entries(self.default.config)), dict(self.entries(config))
        names = [*own, *(name for name in plain if name not in own)]
        return [(n, _text(plain.get(n)), _text(own.get(n))) for n in names if plain.get(n) != own.get(n)]

    def entries(self, config: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        """Every knob and its value; an entry of a list is a knob of its own, named by what it stands for."""
        sites: Mapping[str, list[str]] = self.header.get("sites") or {}
        for key, value in config.items():
            if not is_sequence(value):
                yield key, value
                continue
            names = sites.get(key, [])
            for position, item in enumerate(value):
                yield f"{key}[{names[position] if position < len(names) else position}]", item


def header_record(header: Mapping[str, Any]) -> dict[str, Any]:
    """The first line of a log, as data."""
    return {"kind": "header", "format": FORMAT, **header}


def identity_of_header(header: Mapping[str, Any]) -> dict[str, Any]:
    """The part of it that runs which go on from the same log have in common."""
    return {key: value for key, value in header.items() if key not in _ORIGIN}


def is_of(header: Mapping[str, Any], file: Path, kernel_hash: str | None) -> bool:
    """Whether a log may be of a file's kernel of its name: it is of that file or that very text, or says neither."""
    stated = header.get("file")
    return stated is None or Path(str(stated)) == file.resolve() or (kernel_hash is not None and header.get("kernel_hash") == kernel_hash)


def read_header(path: Path) -> dict[str, Any] | None:
    """What a log says was tuned, without reading its trials; None when the file is no log."""
    with path.open(encoding="utf-8") as log:
        line = log.readline()
    try:
        header: Any = json.loads(line)
    except json.JSONDecodeError:
        return None
    return header if is_dict(header) and header.get("kind") == "header" else None


def read_record(path: Path) -> TuningRecord | None:
    """The tuning of a log, or None when the file is not one. Lines that a crash cut short are left out."""
    records: list[dict[str, Any]] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            record: Any = json.loads(line)
        except json.JSONDecodeError:
            continue
        if is_dict(record):
            records.append(record)
    if not records or records[0].get("kind") != "header":
        return None
    trials = tuple(Trial.from_json(record) for record in records if record.get("kind") == "trial")
    results = [record for record in records if record.get("kind") == "result"]
    return TuningRecord(records[0], trials, results[-1] if results else {})


def logs_of(folder: Path, kernel: str | None = None) -> list[Path]:
    """The trial logs in a folder, the newest first."""
    found: Sequence[Path] = list(folder.glob(f"{kernel or '*'}-*.jsonl"))
    return sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)


def _text(value: Any) -> str:
    return "unset" if value is None else str(value)
