"""A kernel of a file in, the locks in force for it out, as a call would find them: overrides of the search path, then the decorator."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from helion.config.config import Config
from helion.locks.entries import LockEntry, entries_of_kernel
from helion.locks.identity import ANY_DEVICE
from helion.locks.layers import merged, module_name, overrides_of
from helion.locks.sidecar import entry_key, read_entries, sidecar_path
from helion.runtime.environment import lock_folders
from helion.syntax.config_literals import config_literals
from helion.syntax.tree import KernelSyntax


def locks_of_text(kernel: KernelSyntax) -> tuple[LockEntry, ...]:
    """The strongest first; the decorator's only config is an entry for every device and signature."""
    overrides = overrides_of(lock_folders(), module_name(Path(kernel.file.path)), kernel.qualname)
    return merged((*overrides, written_locks(kernel)))


def written_locks(kernel: KernelSyntax) -> tuple[LockEntry, ...]:
    """Those of the decorator."""
    if "config" in kernel.keywords:
        return tuple(LockEntry(ANY_DEVICE, None, Config.from_dict(literal.values)) for literal in config_literals(kernel)[:1])
    return entries_of_kernel(kernel)


def evidence_of_entry(kernel: KernelSyntax, entry: LockEntry) -> Mapping[str, Any]:
    """What is recorded of a lock and this config; empty when nothing is."""
    path = Path(entry.origin) if entry.origin else sidecar_path(Path(kernel.file.path))
    wanted = (kernel.qualname, entry.device, entry.signature)
    found = [e for e in read_entries(path) if entry_key(e) == wanted and e.get("config", {}) == dict(entry.config)]
    return found[-1] if found else {}
