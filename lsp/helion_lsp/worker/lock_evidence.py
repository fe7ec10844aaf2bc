"""A text's locks, its sidecar's entries and the session's in, which evidence belongs to which lock out; runs in the worker."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from helion.config.space import ConfigSpace
from helion.locks.entries import entries_of_kernel
from helion.locks.evidence import Entry, evidence_among
from helion.locks.kernel_hash import kernel_hash
from helion.locks.ownership import key_of_lock, locks_by_key, name_in_entry
from helion.locks.sidecar import Key, Unreadable, entry_key, read_entries, read_sidecar, sidecar_path, sidecar_text
from helion.locks.staleness import sites_of
from helion.locks.versions import current_versions
from helion.source import SourceFile
from helion.syntax.parse import parse_module
from helion.syntax.tree import KernelSyntax
from helion_codemods.apply import exclusive, replace_file


def replaced_by(path: Path, entry: Entry) -> Entry | None:
    """What the sidecar says of the lock that an entry is for; its kernel may be `name@line`."""
    key = entry_key({**entry, "kernel": str(entry.get("kernel")).partition("@")[0]})
    return next((e for e in read_entries(sidecar_path(path)) if entry_key(e) == key), None)


def released_by(before: SourceFile, after: SourceFile) -> list[Entry]:
    """What the sidecar says of locks that one text has and another has not."""
    gone = _keys(before) - _keys(after)
    return [e for e in read_entries(sidecar_path(Path(before.path))) if entry_key(e) in gone] if gone else []


def _keys(file: SourceFile) -> set[Key]:
    return set(locks_by_key(parse_module(file)))


def settle(path: Path, session: Sequence[Entry]) -> bool:
    """Make the sidecar agree with the file as it is saved about the session's locks, and nothing else; whether it changed.

    A lock's evidence is written when its text is saved, what it replaced comes back when an undo is, and a sidecar left without
    entries goes. One that cannot be read stays as it is: what it holds would be lost.
    """
    beside = sidecar_path(path)
    if not session or not path.is_file():
        return False
    module = parse_module(SourceFile.read(path))
    with exclusive(beside):
        before = read_sidecar(beside)
        if isinstance(before, Unreadable):
            return False
        after = _settled(before, module.every_kernel, session)
        if after == before:
            return False
        if after:
            replace_file(beside, sidecar_text(after).encode("utf-8"))
        else:
            beside.unlink()
    return True


def _settled(before: Sequence[Entry], kernels: Iterable[KernelSyntax], session: Sequence[Entry]) -> list[Entry]:
    locks = {key_of_lock(name_in_entry(k), e): (k, e) for k in kernels for e in entries_of_kernel(k)}
    touched = {entry_key(entry) for entry in session}
    known = [*before, *session]
    settled = [e for e in before if entry_key(e) not in touched]
    for key in touched & locks.keys():
        found = evidence_among(known, *locks[key])
        settled += [found] if found else []
    return sorted(settled, key=lambda e: [str(part) for part in entry_key(e)])


def text_evidence(kernel: KernelSyntax, space: ConfigSpace) -> dict[str, Any]:
    """What evidence says of the kernel as it is now, and of what it was looked at with."""
    return {
        "kernel_hash": kernel_hash(kernel),
        "space_fingerprint": space.fingerprint(),
        "sites": sites_of(space),
        "versions": current_versions(),
        "date": dt.datetime.now(tz=dt.UTC).date().isoformat(),
    }
