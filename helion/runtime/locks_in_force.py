"""A live kernel in, the locks that may serve its calls out: those of its decorator under the overrides of the search path."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helion.locks.entries import LockEntry, entries_of_table
from helion.locks.identity import ANY_DEVICE
from helion.locks.layers import merged, module_name, overrides_of
from helion.locks.sidecar import entry_key, read_entries, sidecar_path
from helion.runtime.environment import lock_folders

if TYPE_CHECKING:
    from helion.runtime.kernel import Kernel


def locks_in_force(kernel: Kernel) -> tuple[LockEntry, ...]:
    """The strongest first. With overrides the decorator's only config is an entry like others: for every device and signature."""
    overrides = overrides_of(lock_folders(), module_name(source_path(kernel)), kernel.fn.__qualname__)
    written = entries_of_table(kernel.locks or {})
    if overrides and len(kernel.configs) == 1:
        written = (LockEntry(ANY_DEVICE, None, kernel.configs[0]),)
    return merged((*overrides, written))


def source_path(kernel: Kernel) -> Path:
    """The file that the kernel's function was compiled from."""
    return Path(kernel.fn.__code__.co_filename)


def evidence_of_lock(kernel: Kernel, entry: LockEntry) -> Mapping[str, Any]:
    """What is recorded of a lock: beside the source, or in the override it comes from; nothing when it was changed by hand since."""
    path = Path(entry.origin) if entry.origin else sidecar_path(source_path(kernel))
    wanted = (kernel.fn.__qualname__, entry.device, entry.signature)
    found = [e for e in read_entries(path) if entry_key(e) == wanted and e.get("config", {}) == dict(entry.config)]
    return found[-1] if found else {}
