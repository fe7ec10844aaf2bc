"""Paths and devices in, the rows of an audit out; a child process imports modules with `inputs=`, and no GPU is asked for anything."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from helion.cli.example_reader import ExampleReader, complete_signatures
from helion.cli.find_kernels import find_kernels, space_of_kernel
from helion.cli.locks_of_text import evidence_of_entry, written_locks
from helion.locks.audit import AuditRow, audit_kernel
from helion.locks.identity import ANY_DEVICE
from helion.syntax.tree import KernelSyntax


def audit_files(
    names: Iterable[str], devices: Iterable[str], *, run_inputs: bool, say: Callable[[str], None] = lambda text: None
) -> list[AuditRow]:
    """`devices` besides those that any of the kernels has a lock for; with none at all, every kernel needs a lock for any device.
    Without `run_inputs` no user's module is imported, and only what is locked is known. `say` hears what could not be found out."""
    kernels = list(find_kernels(names))
    locks = [[(entry, evidence_of_entry(k, entry)) for entry in written_locks(k)] for k in kernels]
    keys = [*devices, *(entry.device for found in locks for entry, _ in found if entry.device != ANY_DEVICE)]
    wanted = tuple(dict.fromkeys(keys)) or (ANY_DEVICE,)
    rows: list[AuditRow] = []
    with ExampleReader() as reader:
        for kernel, found in zip(kernels, locks, strict=True):
            signatures = _signatures(kernel, reader, say) if run_inputs else ()
            space = space_of_kernel(kernel) if found else None
            rows += audit_kernel(kernel, found, wanted, signatures, space)
    return rows


def _signatures(kernel: KernelSyntax, reader: ExampleReader, say: Callable[[str], None]) -> tuple[str, ...]:
    examples = reader.read(kernel)
    if examples.problem is not None:
        say(f"{kernel.file.path}::{kernel.qualname}: `inputs=` gives no arguments: {examples.problem}")
    return complete_signatures(examples)
