"""A kernel of a file in, the locks in force for it and what is kept of its tunings out, as a call would find them: overrides of the search
path, then the decorator. A folder that is being written to counts as if it were on the path."""

from __future__ import annotations

from pathlib import Path

from helion.cli.exit_codes import PROBLEMS
from helion.cli.failure import failure
from helion.diagnostics.catalog.locks import LockFileUnreadable
from helion.locks.entries import LockEntry, written_locks
from helion.locks.evidence import Entry, kept_among
from helion.locks.layers import merged, module_name, overrides_of, recorded_in, unreadable_overrides
from helion.locks.sidecar import read_entries, sidecar_path
from helion.runtime.environment import lock_folders
from helion.syntax.tree import KernelSyntax


def locks_of_text(kernel: KernelSyntax, into: Path | None = None) -> tuple[LockEntry, ...]:
    """The strongest first. Raises Failure for an override that cannot be read."""
    folders, module = _folders(into), module_name(Path(kernel.file.path))
    for path, problem in unreadable_overrides(folders, module):
        words = LockFileUnreadable(kernel.name_span, str(path), problem.reason).message()
        raise failure(LockFileUnreadable.code, words, PROBLEMS)
    return merged((*overrides_of(folders, module, kernel), written_locks(kernel)))


def kept_of_text(kernel: KernelSyntax, into: Path | None = None) -> tuple[Entry, ...]:
    """What is recorded of tunings after which calls run what they ran before, there and beside the source."""
    source = Path(kernel.file.path)
    return kept_among((*recorded_in(_folders(into), module_name(source)), *read_entries(sidecar_path(source))), kernel)


def _folders(into: Path | None) -> tuple[Path, ...]:
    """The search path, before it the folder that is written to, unless it has a place on it."""
    path = lock_folders()
    return path if into is None or into.resolve() in [folder.resolve() for folder in path] else (into, *path)
