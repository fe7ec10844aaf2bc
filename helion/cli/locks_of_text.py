"""A kernel of a file in, the locks in force for it out, as a call would find them: overrides of the search path, then the decorator."""

from __future__ import annotations

from pathlib import Path

from helion.cli.exit_codes import PROBLEMS
from helion.cli.failure import failure
from helion.diagnostics.catalog.locks import LockFileUnreadable
from helion.locks.entries import LockEntry, written_locks
from helion.locks.layers import merged, module_name, overrides_of, unreadable_overrides
from helion.runtime.environment import lock_folders
from helion.syntax.tree import KernelSyntax


def locks_of_text(kernel: KernelSyntax) -> tuple[LockEntry, ...]:
    """The strongest first. Raises Failure for an override that cannot be read."""
    module = module_name(Path(kernel.file.path))
    for path, problem in unreadable_overrides(lock_folders(), module):
        words = LockFileUnreadable(kernel.name_span, str(path), problem.reason).message()
        raise failure(LockFileUnreadable.code, words, PROBLEMS)
    overrides = overrides_of(lock_folders(), module, kernel.qualname)
    return merged((*overrides, written_locks(kernel)))
