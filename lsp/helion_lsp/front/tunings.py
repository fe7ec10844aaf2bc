"""The tunings of a document's kernel: those of this session and those whose logs are kept, and whether they are of its text as it is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helion.locks.kernel_hash import kernel_hash
from helion.syntax.namesakes import kernel_of_editor, namesakes, plain_name
from helion.trials.record import TuningRecord, is_of, read_header, read_record
from helion_lsp.front.heard_tunings import ENDED, RUNNING, HeardTuning, HeardTunings
from helion_lsp.front.remote_log import RemoteLog
from helion_lsp.front.trial_logs import TrialLogs
from helion_lsp.front.workspace import Document


@dataclass(frozen=True)
class Kept:
    """A tuning as far as its list shows it: `heard` in this session, or of a `log`. `day` is when something was last heard of it."""

    name: str
    header: Mapping[str, Any]
    day: str
    heard: HeardTuning | None = None
    log: Path | None = None

    @property
    def state(self) -> str:
        """Of a log it is only known that nothing of this session writes it."""
        return ENDED if self.heard is None else self.heard.state

    def record(self) -> TuningRecord | None:
        """All of it; None when the log has gone meanwhile."""
        if self.heard is not None:
            return self.heard.record
        try:
            return None if self.log is None else read_record(self.log)
        except FileNotFoundError:
            return None


class Tunings:
    """This session's and the recorded ones."""

    def __init__(self) -> None:
        self.heard = HeardTunings()
        self._logs = TrialLogs()

    async def of(self, document: Document, kernel: str) -> list[Kept]:
        """The newest first; a log that this session writes or wrote is what was heard of it."""
        today = dt.datetime.now(tz=dt.UTC).date().isoformat()
        own = _Own.of(document, kernel)
        known = (tuning for tuning in self.heard.of_name(document.uri, kernel) if own.has(tuning.header, told=tuning.kernel == kernel))
        heard = [Kept(tuning.name, tuning.header, today, tuning, tuning.log) for tuning in known]
        names = {kept.name for kept in heard}
        path = Path(document.path)
        logs = await self._logs.of(plain_name(kernel))
        recorded = (kept for kept in _recorded(logs) if own.has(kept.header) and is_of(kept.header, path, own.digest))
        return heard + [kept for kept in recorded if kept.name not in names]

    async def recorder(self, host: str) -> RemoteLog:
        """What keeps the log of a tuning on another machine here too."""
        return RemoteLog(host, await self._logs.folder())

    async def find(self, document: Document, kernel: str, name: str | None) -> Kept | None:
        """By name; without one the one to look at first: what runs, else the newest of the text as it is, else the newest."""
        found = await self.of(document, kernel)
        if name is not None:
            return next((kept for kept in found if kept.name == name), None)
        running = (kept for kept in found if kept.state == RUNNING)
        fitting = (kept for kept in found if staleness(document, kernel, kept.header) is None)
        return next(running, None) or next(fitting, None) or next(iter(found), None)


@dataclass(frozen=True)
class _Own:
    """What tells a kernel's tunings from those of the others of its name: the hashes of their bodies."""

    digest: str | None
    others: frozenset[str]

    @classmethod
    def of(cls, document: Document, kernel: str) -> _Own:
        found = kernel_of_editor(document.module, kernel)
        digest = None if found is None else kernel_hash(found)
        same = () if found is None else namesakes(found)
        return cls(digest, frozenset(map(kernel_hash, same)) - {digest})

    def has(self, header: Mapping[str, Any], *, told: bool = True) -> bool:
        """Whether a tuning may be the kernel's; of one that is of no body of the text, whether it was `told` to be."""
        then = header.get("kernel_hash")
        return then == self.digest if then is not None and then in {self.digest, *self.others} else told


def _recorded(logs: list[Path]) -> Iterator[Kept]:
    for log in logs:
        try:
            header, seconds = read_header(log), log.stat().st_mtime
        except FileNotFoundError:
            continue
        if header is not None:
            yield Kept(log.stem, header, dt.datetime.fromtimestamp(seconds, tz=dt.UTC).date().isoformat(), log=log)


def staleness(document: Document, kernel: str, header: Mapping[str, Any]) -> str | None:
    """Why a tuning says nothing of the text as it is; None when it does."""
    digest = _hash_of(document, kernel)
    if digest is None:
        return f"there is no kernel {kernel} in the text any more"
    if "kernel_hash" not in header:
        return "its log does not say which text it is of"
    if header["kernel_hash"] != digest:
        return f"{kernel} was changed since, or another kernel of its name was tuned"
    return None


def _hash_of(document: Document, kernel: str) -> str | None:
    """Of the kernel as it is now; None when it is gone."""
    found = kernel_of_editor(document.module, kernel)
    return None if found is None else kernel_hash(found)
