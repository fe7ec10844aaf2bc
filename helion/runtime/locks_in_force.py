"""A live kernel in, the locks that may serve its calls out: those of its decorator under the overrides of the search path."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helion import exc
from helion.diagnostics.catalog.locks import LockFileUnreadable
from helion.locks.entries import LockEntry, entries_of_kernel, entries_of_table
from helion.locks.evidence import evidence_beside, kept_default
from helion.locks.identity import ANY_DEVICE
from helion.locks.layers import merged, module_name, overrides_of, recorded_in, unreadable_overrides
from helion.locks.sidecar import read_entries, sidecar_path
from helion.runtime.environment import lock_folders
from helion.signatures.from_values import module_of_code
from helion.source import SourceFile, Span
from helion.syntax.locate import function_at
from helion.syntax.tree import KernelSyntax

if TYPE_CHECKING:
    from helion.runtime.kernel import Kernel


def locks_in_force(kernel: Kernel) -> tuple[LockEntry, ...]:
    """The strongest first. With overrides the decorator's only config is an entry like others: for every device and signature. Raises
    `exc.InvalidConfig` for an override that cannot be read."""
    folders, module = lock_folders(), module_name(source_path(kernel))
    for path, problem in unreadable_overrides(folders, module):
        lost = LockFileUnreadable(Span(problem.offset, problem.offset + 1), str(path), problem.reason)
        raise exc.compile_error([lost], SourceFile(str(path), path.read_text(encoding="utf-8", errors="replace")))
    overrides = overrides_of(folders, module, kernel_in_text(kernel))
    written = entries_of_table(kernel.locks or {})
    if overrides and len(kernel.configs) == 1:
        written = (LockEntry(ANY_DEVICE, None, kernel.configs[0]),)
    return merged((*overrides, written))


def source_path(kernel: Kernel) -> Path:
    """The file that the kernel's function was compiled from."""
    return Path(kernel.fn.__code__.co_filename)


def evidence_of_lock(kernel: Kernel, entry: LockEntry) -> Mapping[str, Any]:
    """What is recorded of a lock: beside the source, or in the override it comes from; nothing when it was changed by hand since."""
    return evidence_beside(source_path(kernel), kernel_in_text(kernel), entry)


def tuned_default(kernel: Kernel, syntax: KernelSyntax, device: str, signature: str) -> Mapping[str, Any]:
    """What is recorded beside the source, or on the search path, of a tuning on this very device that found nothing faster than the
    default; else nothing."""
    source = source_path(kernel)
    known = (*recorded_in(lock_folders(), module_name(source)), *read_entries(sidecar_path(source)))
    named = kernel_in_text(kernel)
    return kept_default(known, syntax if isinstance(named, str) else named, device, signature)


def kernel_in_text(kernel: Kernel) -> KernelSyntax | str:
    """What commands and lock files know of the kernel: the decorated `def`, or the variable that a call, `fast = helion.kernel(f)`, is
    assigned to; of several for one function the first with the same locks. Where no text has it, its name, with classes and functions
    around its `def` and dots between."""
    qualname = kernel.fn.__qualname__.replace(".<locals>", "")
    code = kernel.fn.__code__
    module = module_of_code(code)
    function = None if module is None else function_at(module, code.co_firstlineno, code.co_name)
    if module is None or function is None:
        return qualname
    made = [known for known in module.every_kernel if known.function.span == function.span]
    locks = entries_of_table(kernel.locks or {})
    here = [known for known in made if known.assigned is None or entries_of_kernel(known) == locks]
    return here[0] if here else qualname
