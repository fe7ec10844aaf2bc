"""A kernel and the evidence of its locks in, what is doubtful about each with what may be done about it, as plain data, out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from helion.config.config import Config
from helion.config.space import ConfigSpace
from helion.diagnostics.catalog.locks import LockDoesNotFit, LockKernelChanged, LockKey, LockVersionsChanged
from helion.diagnostics.diagnostic import Diagnostic
from helion.locks.doubts import lock_diagnostics
from helion.locks.entries import LockEntry, entries_of_kernel
from helion.locks.evidence import Entry, evidence_among
from helion.locks.sidecar import read_entries, sidecar_path
from helion.locks.staleness import SpaceOf
from helion.syntax.namesakes import editor_name
from helion.syntax.tree import KernelSyntax
from helion_lsp.worker.plain import diagnostic_data


def known_evidence(kernel: KernelSyntax, session: Sequence[Entry]) -> list[Entry]:
    """What the sidecar says, then what this session does: the newest last."""
    return [*read_entries(sidecar_path(Path(kernel.file.path))), *session]


def doubts_of_text(kernel: KernelSyntax, start: int, session: Sequence[Entry]) -> list[dict[str, Any]]:
    """What is seen without lowering the kernel: changed since, found with other versions, never measured."""
    found = lock_diagnostics(kernel, known=known_evidence(kernel, session))
    return [_data(d, kernel, start) for d in found]


def doubts_of_places(kernel: KernelSyntax, start: int, session: Sequence[Entry], space_of: SpaceOf) -> list[dict[str, Any]]:
    """Lists of locks whose entries stood for other places of the kernel, each looked at with the lock's own device and signature."""
    known = known_evidence(kernel, session)
    return [_data(d, kernel, start) for lock, space in moved_locks(kernel, known, space_of) for d in _misfits(kernel, known, lock, space)]


def moved_locks(kernel: KernelSyntax, known: Sequence[Entry], space_of: SpaceOf) -> Iterator[tuple[LockEntry, ConfigSpace]]:
    """The locks whose evidence is of another space than the kernel has now."""
    for lock in entries_of_kernel(kernel):
        fingerprint = evidence_among(known, kernel, lock).get("space_fingerprint")
        space = None if fingerprint is None else space_of(lock.device, lock.signature)
        if space is not None and space.fingerprint() != fingerprint:
            yield lock, space


def _misfits(kernel: KernelSyntax, known: Sequence[Entry], lock: LockEntry, space: ConfigSpace) -> Iterator[Diagnostic]:
    for found in lock_diagnostics(kernel, lambda device, signature: space, known):
        if isinstance(found, LockDoesNotFit) and (found.device, found.signature) == (lock.device, lock.signature):
            yield found


def _data(diagnostic: Diagnostic, kernel: KernelSyntax, start: int) -> dict[str, Any]:
    commands = list(_commands(diagnostic, editor_name(kernel))) if isinstance(diagnostic, LockKey) else []
    return {**diagnostic_data(diagnostic, start), "commands": commands}


def _commands(doubt: LockKey, kernel: str) -> Iterator[dict[str, Any]]:
    """What an editor may offer, the likeliest first; the address of the document is the editor's to put before the arguments."""
    lock = {"device": doubt.device, "signature": doubt.signature}
    if isinstance(doubt, LockDoesNotFit):
        yield _command("Put the lists in order (remap)", "helion.codemod", "remap", {"kernel": kernel})
    yield _command(f"Tune {kernel} again and lock", "helion.tuneAndLock", kernel, {"args": doubt.signature, "device": doubt.device})
    if isinstance(doubt, LockKernelChanged | LockVersionsChanged):
        yield _command("Keep the config, as good for the kernel as it is now", "helion.acceptLock", kernel, lock)
    yield _command(f"Remove this lock of {kernel} (unlock)", "helion.codemod", "unlock", {"kernel": kernel, **lock})


def _command(title: str, command: str, *arguments: object) -> dict[str, Any]:
    return {"title": title, "command": command, "arguments": list(arguments)}


def config_now(kernel: KernelSyntax, device: str, signature: str | None) -> Config | None:
    """The config that stands in the text for a device and a signature."""
    return next((e.config for e in entries_of_kernel(kernel) if (e.device, e.signature) == (device, signature)), None)
