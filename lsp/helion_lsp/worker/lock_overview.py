"""The workspace's folders and open texts in, the state of every lock of every kernel and what is missing out; runs in the worker.

Files are read and parsed, never imported. A search ends with its time; what it has found is kept, so the next one gets further.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from helion import compiler
from helion.config.space import ConfigSpace
from helion.locks.audit import AuditRow, KernelLocks, audit_kernels
from helion.locks.entries import written_locks
from helion.locks.evidence import Entry, evidence_among
from helion.locks.explanation import evidence_words
from helion.locks.sidecar import read_entries, sidecar_path
from helion.source import SourceFile, Span
from helion.syntax.config_literals import config_literals
from helion.syntax.project_files import parsed_file
from helion.syntax.tree import KernelSyntax, ModuleSyntax
from helion.target import find_target
from helion_lsp.kernel_keys import kernel_keys
from helion_lsp.worker.workspace_files import MOST_FILES, python_files

_SECONDS = 0.3
_MOST_ROWS = 10_000


@dataclass(frozen=True)
class _Keyed:
    """A kernel, and what its space depends on."""

    kernel: KernelSyntax
    key: str


class LockOverview:
    """Remembers kernels by file while it is not written again, and spaces while a kernel's text stays the same."""

    def __init__(self) -> None:
        self._kernels: dict[Path, tuple[object, tuple[_Keyed, ...]]] = {}
        self._spaces: dict[str, ConfigSpace | None] = {}

    def overview(self, params: Mapping[str, Any], checking: Callable[[str], None], seconds: float = _SECONDS) -> dict[str, Any]:
        """`{rows, complete, truncated, here}`; no rows before it is complete, unless `final` asks for what there is. `here` is the GPU of
        this machine, None without one. Kernels whose keys are `quarantined` are listed, and nothing is said of how their configs fit."""
        until = time.monotonic() + seconds
        texts: Mapping[str, str] = params.get("texts", {})
        session: Mapping[str, Sequence[Entry]] = params.get("session_locks", {})
        paths = dict.fromkeys((*python_files(params.get("folders", ())), *map(Path, texts)))
        found: list[_Keyed] = []
        complete = True
        for path in paths:
            if time.monotonic() > until and path not in self._kernels:
                complete = False
                continue
            found += self._of(path, texts.get(str(path)))
        quarantined = frozenset(params.get("quarantined", ()))
        locked = [(k, tuple(_with_evidence(k.kernel, session))) for k in found]
        for keyed, locks in locked:
            if locks and keyed.key not in self._spaces and keyed.key not in quarantined:
                if time.monotonic() > until:
                    complete = False
                    break
                checking(keyed.key)
                self._spaces[keyed.key] = compiler.usual_space(keyed.kernel)
        self._forget(paths, found)
        answer = {"complete": complete, "truncated": len(paths) >= MOST_FILES, "here": _here()}
        if not complete and not params.get("final"):
            return {**answer, "rows": []}
        spaces = {id(k.kernel): self._spaces.get(k.key) for k in found}
        kernels = [KernelLocks(k.kernel, locks) for k, locks in locked]
        rows = list(_rows(kernels, lambda kernel: spaces[id(kernel)]))
        return {**answer, "truncated": answer["truncated"] or len(rows) > _MOST_ROWS, "rows": rows[:_MOST_ROWS]}

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
        found = () if module is None else tuple(_last_of_each_name(module))
        self._kernels[path] = (version, found)
        return found

    def _forget(self, paths: Mapping[Path, None], found: Sequence[_Keyed]) -> None:
        keys = {keyed.key for keyed in found}
        for path in self._kernels.keys() - paths.keys():
            del self._kernels[path]
        for key in self._spaces.keys() - keys:
            del self._spaces[key]


def _last_of_each_name(module: ModuleSyntax) -> Iterator[_Keyed]:
    """As when the file is imported."""
    yield from {kernel.qualname: _Keyed(kernel, key) for kernel, key in kernel_keys(module)}.values()


def _with_evidence(kernel: KernelSyntax, session: Mapping[str, Sequence[Entry]]) -> Iterator[tuple[Any, Entry]]:
    locks = written_locks(kernel)
    if locks:
        known = [*read_entries(sidecar_path(Path(kernel.file.path))), *session.get(kernel.file.path, ())]
        yield from ((lock, evidence_among(known, kernel.qualname, lock)) for lock in locks)


def _rows(kernels: Sequence[KernelLocks], space_of: Callable[[KernelSyntax], ConfigSpace | None]) -> Iterator[dict[str, Any]]:
    """Each kernel needs a lock for every device that any has, and for every signature that it has one for on some device."""
    by_name = {(found.kernel.file.path, found.kernel.qualname): found for found in kernels}
    for row in audit_kernels(kernels, (), _signatures, space_of):
        found = by_name[row.file, row.kernel]
        if row.state == "missing" and any((entry.device, entry.signature) == (row.device, None) for entry, _ in found.locks):
            continue  # the device's entry for every signature is what was meant
        yield _plain(found, row)


def _signatures(found: KernelLocks) -> tuple[str, ...]:
    return tuple(dict.fromkeys(entry.signature for entry, _ in found.locks if entry.signature is not None))


def _plain(found: KernelLocks, row: AuditRow) -> dict[str, Any]:
    """An audit's row as JSON, with the place of the lock, or of the kernel's name where nothing is locked."""
    span = _span(found.kernel, row)
    config = next((dict(e.config) for e, _ in found.locks if (e.device, e.signature) == (row.device, row.signature)), None)
    return {
        **row.to_json(),
        "evidence": evidence_words(row.evidence) if row.evidence else None,
        "estimated": bool(row.evidence.get("estimated")),
        "config": config,
        "target": None if find_target(row.device) is None else row.device,
        "kernel_span": _offsets(found.kernel.function.name_span),
        "span": _offsets(span),
    }


def _span(kernel: KernelSyntax, row: AuditRow) -> Span:
    if row.state != "missing":
        for literal in config_literals(kernel):
            if (literal.device or "*", literal.signature) in ((row.device, row.signature), (row.device, row.signature or "*")):
                return literal.lock_spans[-1] if literal.lock_spans else literal.span
    return kernel.function.name_span


def _offsets(span: Span) -> tuple[int, int]:
    return span.start, span.end


def _here() -> str | None:
    return torch.cuda.get_device_name() if torch.cuda.is_available() else None
