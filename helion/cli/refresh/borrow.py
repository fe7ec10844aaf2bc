"""Locks of one device in, the same locks for another out, marked as borrowed: nobody has measured them there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from helion.cli.find_kernels import find_kernels
from helion.cli.write_lock import LockToWrite, write_lock
from helion.locks.entries import written_locks
from helion.locks.evidence import evidence_of_entry
from helion.locks.ownership import name_in_entry
from helion.syntax.namesakes import place_name


def borrow(names: Iterable[str], source: str, device: str) -> list[dict[str, Any]]:
    """What was copied; what `device` has already is left alone. Raises Failure for a decorator that cannot be rewritten."""
    borrowed: list[dict[str, Any]] = []
    for kernel in list(find_kernels(names)):
        locks = written_locks(kernel)
        taken = {entry.signature for entry in locks if entry.device == device}
        for entry in locks:
            if entry.device == source and entry.signature not in taken:
                kept = {key: value for key, value in evidence_of_entry(kernel, entry).items() if key in _KEPT}
                evidence: dict[str, object] = {**kept, **name_in_entry(kernel), "method": "borrowed", "borrowed_from": source}
                write_lock(kernel.file.path, LockToWrite(kernel.qualname, device, entry.signature, entry.config, evidence))
                borrowed.append({"file": kernel.file.path, "kernel": place_name(kernel), "signature": entry.signature})
    return borrowed


# What is true of the config wherever it runs; times are not.
_KEPT = ("kernel_hash", "space_fingerprint", "sites", "versions", "date")
