"""A kernel of a file in, the locks in force for it out, as a call would find them: overrides of the search path, then the decorator."""

from __future__ import annotations

from pathlib import Path

from helion.locks.entries import LockEntry, written_locks
from helion.locks.layers import merged, module_name, overrides_of
from helion.runtime.environment import lock_folders
from helion.syntax.tree import KernelSyntax


def locks_of_text(kernel: KernelSyntax) -> tuple[LockEntry, ...]:
    """The strongest first."""
    overrides = overrides_of(lock_folders(), module_name(Path(kernel.file.path)), kernel.qualname)
    return merged((*overrides, written_locks(kernel)))
