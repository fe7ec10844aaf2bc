"""The workspace's folders and open texts in, the state of every lock of every kernel and what is missing out; runs in the worker.

Files are read and parsed, never imported. A search ends with its time; what it has found is kept, so the next one gets further.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from helion import compiler
from helion.config.space import ConfigSpace
from helion.locks.audit import AuditRow, KernelLocks, audit_kernels
from helion.locks.entries import LockEntry, written_locks
from helion.locks.evidence import Entry, evidence_among, kept_among
from helion.locks.explanation import evidence_words
from helion.locks.sidecar import read_entries, sidecar_path
from helion.source import SourceFile, Span
from helion.syntax.config_literals import config_literals
from helion.syntax.namesakes import editor_name, numbered_name, place_name
from helion.syntax.project_files import parsed_file
from helion.syntax.tree import KernelSyntax
from helion.target import find_target
from helion_lsp.kernel_keys import kernel_keys
from helion_lsp.worker.workspace_files import MOST_FILES, python_files

_SECONDS = 0.3
_MOST_ROWS = 10_000
_OF_LOCK = "\0"


@dataclass(frozen=True)
class _Keyed:
    """A kernel with what its decorator locks, and what its space depends on."""

    kernel: KernelSyntax
    key: str
    locks: tuple[LockEntry, ...]


class LockOverview:
    """Remembers kernels by file while it is not written again, spaces while a kernel's text stays the same, and the files of the
    folders while a search goes on."""

    def __init__(self) -> None:
        self._walked: tuple[Path, ...] | None = None
        self._kernels: dict[Path, tuple[object, tuple[_Keyed, ...]]] = {}
        self._spaces: dict[str, ConfigSpace | None] = {}

    def overview(self, params: Mapping[str, Any], checking: Callable[[str], None], seconds: float = _SECONDS) -> dict[str, Any]:
        """`{rows, complete, truncated, here}`; no rows before it is complete, unless `final` asks for what there is. `here` is the GPU of
        this machine, None without one. Kernels whose keys are `quarantined` are listed, and nothing is said of how their configs fit."""
        until = time.monotonic() + seconds
        texts: Mapping[str, str] = params.get("texts", {})
        if self._walked is None:
            self._walked = tuple(python_files(params.get("folders", ())))
        paths = dict.fromkeys((*self._walked, *map(Path, texts)))
        found = self._read(paths, texts, until)
        complete = self._look(found, frozenset(params.get("quarantined", ())), checking, until) if len(found) == len(paths) else False
        answer = {"complete": complete, "truncated": len(self._walked) >= MOST_FILES, "here": _here()}
        if not complete and not params.get("final"):
            return {**answer, "rows": []}
        self._walked = None
        kernels = [keyed for of_file in found for keyed in of_file]
        self._forget(paths, kernels)
        rows = list(_rows(kernels, self._spaces, params.get("session_locks", {})))
        return {**answer, "truncated": answer["truncated"] or len(rows) > _MOST_ROWS, "rows": rows[:_MOST_ROWS]}

    def _read(self, paths: Iterable[Path], texts: Mapping[str, str], until: float) -> list[tuple[_Keyed, ...]]:
        """The kernels of each file, of as many as there was time for."""
        found: list[tuple[_Keyed, ...]] = []
        for path in paths:
            if time.monotonic() > until and path not in self._kernels:
                break
            found.append(self._of(path, texts.get(str(path))))
        return found

    def _look(self, found: Iterable[Iterable[_Keyed]], quarantined: frozenset[str], checking: Callable[[str], None], until: float) -> bool:
        """What the kernels with locks can be tuned in; whether there was time for all."""
        for keyed in (keyed for of_file in found for keyed in of_file):
            if keyed.locks and keyed.key not in self._spaces and keyed.key not in quarantined:
                if time.monotonic() > until:
                    return False
                checking(keyed.key)
                self._spaces[keyed.key] = compiler.usual_space(keyed.kernel)
        return True

    def _of(self, path: Path, text: str | None) -> tuple[_Keyed, ...]:
        """The kernels of a file: of its open text, when there is one, even a broken one."""
        try:
            version: object = text if text is not None else path.stat().st_mtime_ns
            if path in self._kernels and self._kernels[path][0] == version:
                return self._kernels[path][1]
            mentions = "helion" in text if text is not None else b"helion" in path.read_bytes()
        except OSError:
            return ()
        module = (parsed_file(path) if text is None else compiler.parse(SourceFile(str(path), text))) if mentions else None
        found = () if module is None else tuple(_Keyed(kernel, key, written_locks(kernel)) for kernel, key in kernel_keys(module))
        self._kernels[path] = (version, found)
        return found

    def _forget(self, paths: Mapping[Path, None], found: Sequence[_Keyed]) -> None:
        keys = {keyed.key for keyed in found}
        for path in self._kernels.keys() - paths.keys():
            del self._kernels[path]
        for key in [key for key in self._spaces if key.partition(_OF_LOCK)[0] not in keys]:
            del self._spaces[key]


def _with_evidence(keyed: _Keyed, session: Mapping[str, Sequence[Entry]]) -> KernelLocks:
    recorded = read_entries(sidecar_path(Path(keyed.kernel.file.path)))
    known = [*recorded, *session.get(keyed.kernel.file.path, ())]
    locks = tuple((lock, evidence_among(known, keyed.kernel, lock)) for lock in keyed.locks)
    return KernelLocks(keyed.kernel, locks, kept_among(recorded, keyed.kernel))


def _rows(
    found: Sequence[_Keyed], spaces: dict[str, ConfigSpace | None], session: Mapping[str, Sequence[Entry]]
) -> Iterator[dict[str, Any]]:
    """Each kernel needs a lock for every device that any has, and for every signature that it has one for on some device."""
    keys = {id(keyed.kernel): keyed.key for keyed in found}
    kernels = [_with_evidence(keyed, session) for keyed in found]
    by_name = {(locked.kernel.file.path, place_name(locked.kernel)): locked for locked in kernels}

    def space_of(kernel: KernelSyntax, device: str, signature: str | None) -> ConfigSpace | None:
        """Only of a lock that does not fit what the text shows is that of its signature asked for."""
        key = keys[id(kernel)]
        if signature is None:
            return spaces.get(key)
        own = f"{key}{_OF_LOCK}{device}{_OF_LOCK}{signature}"
        if own not in spaces:
            spaces[own] = compiler.lock_space(kernel, device, signature)
        return spaces[own]

    for row in audit_kernels(kernels, (), _signatures, space_of):
        locked = by_name[row.file, row.kernel]
        if row.state == "missing" and any((entry.device, entry.signature) == (row.device, None) for entry, _ in locked.locks):
            continue  # the device's entry for every signature is what was meant
        yield _plain(locked, row)


def _signatures(found: KernelLocks) -> tuple[str, ...]:
    return tuple(dict.fromkeys(entry.signature for entry, _ in found.locks if entry.signature is not None))


def _plain(found: KernelLocks, row: AuditRow) -> dict[str, Any]:
    """An audit's row as JSON, with the place of the lock, or of the kernel's name where nothing is locked."""
    span = _span(found.kernel, row)
    config = next((dict(e.config) for e, _ in found.locks if (e.device, e.signature) == (row.device, row.signature)), None)
    return {
        **row.to_json(),
        "kernel": editor_name(found.kernel),
        "called": numbered_name(found.kernel),
        "evidence": evidence_words(row.evidence) if row.evidence else None,
        "estimated": bool(row.evidence.get("estimated")),
        "config": config,
        "target": None if find_target(row.device) is None else row.device,
        "kernel_span": _offsets(found.kernel.name_span),
        "span": _offsets(span),
    }


def _span(kernel: KernelSyntax, row: AuditRow) -> Span:
    if row.state != "missing":
        for literal in config_literals(kernel):
            if (literal.device or "*", literal.signature) in ((row.device, row.signature), (row.device, row.signature or "*")):
                return literal.lock_spans[-1] if literal.lock_spans else literal.span
    return kernel.name_span


def _offsets(span: Span) -> tuple[int, int]:
    return span.start, span.end


def _here() -> str | None:
    return torch.cuda.get_device_name() if torch.cuda.is_available() else None
