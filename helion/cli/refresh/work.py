"""One kernel × signature × device to tune, and what came of it: plain data that travels to other processes and machines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from helion.locks.audit import AuditRow
from helion.source import encoding_of


@dataclass(frozen=True)
class WorkItem:
    """`signature` None leaves the arguments to the text. `target` is an architecture to estimate for, None to measure on a GPU. `text` is
    the file's, for machines that do not have it. `options` are further words for `helion tune`; `seconds` ends one that hangs."""

    path: str
    text: str
    kernel: str
    signature: str | None
    target: str | None
    options: tuple[str, ...] = ()
    seconds: float = 600.0

    @property
    def encoding(self) -> str:
        """The one that the text says it is in."""
        return encoding_of(self.text.encode("utf-8"))

    @property
    def title(self) -> str:
        return f"{self.path}::{self.kernel}" + ("" if self.signature is None else f" × {self.signature}")


@dataclass(frozen=True)
class WorkDone:
    """`results` are the `"event": "result"` objects of `helion tune --json`, one a signature; `problem` says why there are none, and
    `worker` where it ran."""

    item: WorkItem
    results: tuple[Mapping[str, Any], ...] = ()
    problem: str = ""
    worker: str = ""
    attempts: int = 1
    lost: bool = field(default=False)


def plan_of(
    rows: list[AuditRow], texts: Mapping[str, str], states: tuple[str, ...], *, target: str | None, options: tuple[str, ...], seconds: float
) -> list[WorkItem]:
    """The rows in those states, each kernel × signature once: a refresh is for the device at hand, whatever device a row is about."""
    found = {
        (row.file, row.kernel, row.signature): WorkItem(row.file, texts[row.file], row.kernel, row.signature, target, options, seconds)
        for row in rows
        if row.state in states
    }
    return list(found.values())
