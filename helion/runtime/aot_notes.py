"""What the ahead-of-time runner asks of a command, and what the command's processes note for it, as files; knows no kernels."""

from __future__ import annotations

import atexit
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

PHASES = ("collect", "tune", "time", "evaluate")


@dataclass(frozen=True)
class Plan:
    """`phase` is one of `PHASES`. `signatures` are, by kernel, those to tune or time; `candidates`, by kernel, the configs to time."""

    phase: str
    folder: str
    effort: str = "quick"
    budget_seconds: float = 60.0
    signatures: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    candidates: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict[str, Sequence[Mapping[str, Any]]])

    def write(self) -> Path:
        """Into its folder, whose former notes are dropped."""
        folder = Path(self.folder)
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("*.jsonl"):
            old.unlink()
        path = folder / "plan.json"
        path.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")
        return path


def read_plan(path: Path) -> Plan:
    """Raises OSError or ValueError."""
    return Plan(**json.loads(path.read_text(encoding="utf-8")))


@dataclass(frozen=True)
class KernelId:
    """A kernel on a device: `device` is what decision files are named by, `product` what people call it."""

    name: str
    file: str
    device: str
    product: str

    @property
    def key(self) -> str:
        return f"{self.file}::{self.name}@{self.device}"


class Notebook:
    """The notes of one process: a line a fact, flushed at once, so that a command that ends badly has told what it came to."""

    def __init__(self, folder: str) -> None:
        self._path = Path(folder) / f"{os.getpid()}.jsonl"

    def note(self, kind: str, kernel: KernelId, signature: str, **facts: Any) -> None:
        record = {"kind": kind, "kernel": asdict(kernel), "signature": signature, **facts}
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")

    def at_exit(self, write: Any) -> None:
        """Call `write` when the process ends in order."""
        atexit.register(write)


@dataclass(frozen=True)
class Note:
    kind: str
    kernel: KernelId
    signature: str
    facts: Mapping[str, Any]


def read_notes(folder: Path) -> list[Note]:
    """All processes' notes, in the order of their first ones; a line that a crash cut short is left out."""
    files = sorted(folder.glob("*.jsonl"), key=lambda path: (path.stat().st_ctime_ns, path.name))
    return [note for path in files for note in _notes(path.read_text(encoding="utf-8").splitlines())]


def _notes(lines: Sequence[str]) -> Iterator[Note]:
    for line in lines:
        try:
            record: dict[str, Any] = json.loads(line)
        except ValueError:
            continue
        yield Note(record.pop("kind"), KernelId(**record.pop("kernel")), record.pop("signature"), record)
