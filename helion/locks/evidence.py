"""A kernel, one of its locks and known entries of sidecars in, the evidence that was made for this lock and this config out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from helion.locks.entries import LockEntry
from helion.locks.kernel_hash import kernel_hash
from helion.locks.sidecar import Unreadable, entry_key, read_sidecar, sidecar_path
from helion.syntax.tree import KernelSyntax

Entry = Mapping[str, Any]


def evidence_among(known: Iterable[Entry], kernel: str, lock: LockEntry) -> Entry:
    """The newest of the known entries that is for the lock; empty when none is."""
    wanted = (kernel, lock.device, lock.signature)
    found = [e for e in known if entry_key(e) == wanted and not e.get("kept") and is_for(e, lock)]
    return found[-1] if found else {}


def kept_among(known: Iterable[Entry], kernel: str) -> tuple[Entry, ...]:
    """The entries that are evidence of no lock: of tunings after which calls run what they ran before."""
    return tuple(entry for entry in known if entry.get("kernel") == kernel and entry.get("kept"))


def kept_default(known: Iterable[Entry], kernel: str, now: KernelSyntax, device: str, signature: str) -> Entry:
    """The evidence of a tuning on that device after which the default stayed, made for the kernel's body as it is now; empty when there
    is none. It counts where no lock serves: where one does, that is not the default any more."""
    found = (e for e in kept_among(known, kernel) if entry_key(e) == (kernel, device, signature) and e.get("runs") == "default")
    nothing: Entry = {}
    return next((entry for entry in found if entry.get("kernel_hash") == kernel_hash(now)), nothing)


def is_for(entry: Entry, lock: LockEntry) -> bool:
    """Whether an entry speaks of the config that is locked; one without a config speaks of any."""
    return "config" not in entry or dict(entry["config"]) == dict(lock.config)


def evidence_of_entry(kernel: KernelSyntax, lock: LockEntry) -> Entry:
    """What is recorded of a lock in the file that it was read from, or beside the kernel's; empty when nothing is."""
    return evidence_beside(Path(kernel.file.path), kernel.qualname, lock)


def evidence_beside(source: Path, kernel: str, lock: LockEntry) -> Entry:
    """The same by the names of the source file and of the kernel in it. Of a file that cannot be read, `unreadable` says why."""
    path = Path(lock.origin) if lock.origin else sidecar_path(source)
    known = read_sidecar(path)
    return {"unreadable": f"`{path}` {known.reason}"} if isinstance(known, Unreadable) else evidence_among(known, kernel, lock)
