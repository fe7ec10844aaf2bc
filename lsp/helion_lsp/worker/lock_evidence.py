"""A text's locks, its sidecar's entries and the session's in, which evidence belongs to which lock out; runs in the worker."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from helion.config.space import ConfigSpace
from helion.locks.entries import entries_of_kernel
from helion.locks.evidence import Entry, evidence_among
from helion.locks.kernel_hash import kernel_hash
from helion.locks.ownership import key_of_lock, locks_by_key, name_in_entry, relabelled_entry
from helion.locks.sidecar import Unreadable, entry_key, read_entries, read_sidecar, sidecar_path, sidecar_text
from helion.locks.staleness import sites_of
from helion.locks.versions import current_versions
from helion.source import SourceFile
from helion.syntax.parse import parse_module
from helion.syntax.tree import KernelSyntax, ModuleSyntax
from helion_codemods.apply import exclusive, replace_file


def replaced_by(path: str, entry: Entry, module: ModuleSyntax) -> Entry | None:
    """What the sidecar says of the lock that an entry is for, whatever number its kernel has there."""
    key = entry_key(entry)
    return next((e for e in read_entries(sidecar_path(Path(path))) if entry_key(relabelled_entry(e, module)) == key), None)


def released_by(before: SourceFile, after: SourceFile) -> list[Entry]:
    """What the sidecar says of locks that one text has and another has not."""
    module = parse_module(before)
    gone = locks_by_key(module).keys() - locks_by_key(parse_module(after)).keys()
    known = read_entries(sidecar_path(Path(before.path))) if gone else []
    return [e for e in known if entry_key(relabelled_entry(e, module)) in gone]


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
        after = _settled(before, module, session)
        if after == before:
            return False
        if after:
            replace_file(beside, sidecar_text(after).encode("utf-8"))
        else:
            beside.unlink()
    return True


def _settled(before: Sequence[Entry], module: ModuleSyntax, session: Sequence[Entry]) -> list[Entry]:
    """Kernels that share a name may have been numbered otherwise when the session wrote their locks."""
    locks = {key_of_lock(name_in_entry(k), e): (k, e) for k in module.every_kernel for e in entries_of_kernel(k)}
    now = [relabelled_entry(entry, module) for entry in session]
    touched = {entry_key(entry) for entry in now}
    known = [*before, *now]
    settled = [e for e in before if entry_key(relabelled_entry(e, module)) not in touched]
    for key in touched & locks.keys():
        found = evidence_among(known, *locks[key])
        settled += [found] if found else []
    return sorted(settled, key=lambda e: [str(part) for part in entry_key(e)])


def text_evidence(kernel: KernelSyntax, space: ConfigSpace) -> dict[str, Any]:
    """What evidence says of the kernel as it is now, and of what it was looked at with."""
    return {
        **name_in_entry(kernel),
        "kernel_hash": kernel_hash(kernel),
        "space_fingerprint": space.fingerprint(),
        "sites": sites_of(space),
        "versions": current_versions(),
        "date": dt.datetime.now(tz=dt.UTC).date().isoformat(),
    }
