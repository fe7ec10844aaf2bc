"""A kernel and its locks in, the configs that a search for another shape or device starts from out: the decorator's and the sidecar's."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from helion.config.config import Config
from helion.locks.entries import LockEntry
from helion.locks.ownership import owned
from helion.locks.sidecar import read_entries, sidecar_path
from helion.syntax.config_literals import used_literals
from helion.syntax.tree import KernelSyntax

_MOST = 12


def seeds_of_locks(kernel: KernelSyntax, entries: Iterable[LockEntry], device: str) -> tuple[Config, ...]:
    """Each once, those of `device` first; `entries` are those in force. A list in the decorator counts, whose fastest calls run, and the
    evidence beside the file adds what is no longer there."""
    recorded = read_entries(sidecar_path(Path(kernel.file.path)))
    found = [(entry.device, entry.config) for entry in entries]
    found += [(str(e.get("device")), Config(**e["config"])) for e in owned(recorded, kernel) if e.get("config")]
    listed = (literal for literal in used_literals(kernel) if literal.device is None and literal.is_said)
    found += [("", Config.from_dict(literal.values)) for literal in listed]
    found.sort(key=lambda pair: pair[0] != device)
    return tuple(dict.fromkeys(config for _, config in found))[:_MOST]
