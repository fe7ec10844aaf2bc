"""A kernel, one of its locks and known entries of sidecars in, the evidence that was made for this lock and this config out."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from helion.locks.entries import LockEntry
from helion.locks.kernel_hash import kernel_hash
from helion.locks.ownership import Entry, is_for, owned
from helion.locks.sidecar import Unreadable, read_sidecar, sidecar_path
from helion.syntax.tree import KernelSyntax


def evidence_among(known: Iterable[Entry], kernel: KernelSyntax | str, lock: LockEntry) -> Entry:
    """The newest of the known entries that is for the lock; empty when none is. `kernel` is its name where its text is not there."""
    here = [e for e in known if (e.get("device"), e.get("signature")) == (lock.device, lock.signature)]
    found = owned([e for e in here if not e.get("kept") and is_for(e, lock)], kernel)
    return found[-1] if found else {}


def kept_among(known: Iterable[Entry], kernel: KernelSyntax | str) -> tuple[Entry, ...]:
    """The entries that are evidence of no lock: of tunings after which calls run what they ran before."""
    return owned([entry for entry in known if entry.get("kept")], kernel)


def kept_default(known: Iterable[Entry], kernel: KernelSyntax, device: str, signature: str) -> Entry:
    """The evidence of a tuning on that device after which the default stayed, made for the kernel's body as it is now; empty when there
    is none. It counts where no lock serves: where one does, that is not the default any more."""
    here = [e for e in known if (e.get("device"), e.get("signature")) == (device, signature) and e.get("runs") == "default"]
    nothing: Entry = {}
    return next((entry for entry in kept_among(here, kernel) if entry.get("kernel_hash") == kernel_hash(kernel)), nothing)


def evidence_of_entry(kernel: KernelSyntax, lock: LockEntry) -> Entry:
    """What is recorded of a lock in the file that it was read from, or beside the kernel's; empty when nothing is."""
    return evidence_beside(Path(kernel.file.path), kernel, lock)


def evidence_beside(source: Path, kernel: KernelSyntax | str, lock: LockEntry) -> Entry:
    """The same by the source file and the kernel in it. Of a file that cannot be read, `unreadable` says why."""
    path = Path(lock.origin) if lock.origin else sidecar_path(source)
    known = read_sidecar(path)
    return {"unreadable": f"`{path}` {known.reason}"} if isinstance(known, Unreadable) else evidence_among(known, kernel, lock)
