"""Paths and devices in, the rows of an audit out; a child process imports modules with `inputs=`, and no GPU is asked for anything."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from helion import compiler
from helion.cli.example_reader import ExampleReader, complete_signatures
from helion.cli.failure import Failure
from helion.cli.find_kernels import find_kernels
from helion.cli.locks_of_text import kept_of_text, locks_of_text
from helion.cli.read_source import python_files, read_file, split_name
from helion.config.space import ConfigSpace
from helion.locks.audit import AuditRow, KernelLocks, audit_kernels, rows_left
from helion.locks.evidence import evidence_of_entry
from helion.locks.sidecar import read_entries, sidecar_path
from helion.syntax.namesakes import place_name
from helion.syntax.tree import KernelSyntax
from helion.target import find_target


def audit_files(
    names: Iterable[str],
    devices: Iterable[str],
    *,
    run_inputs: bool,
    into: Path | None = None,
    say: Callable[[str], None] = lambda text: None,
) -> list[AuditRow]:
    """`devices` as for `audit_kernels`; the locks are those that calls would find, in overrides too, of which `into` is one. Without
    `run_inputs` no user's module is imported, and only what is locked is known. `say` hears what could not be found out."""
    named = tuple(names)
    kernels = [_with_evidence(kernel, into) for kernel in find_kernels(named)]
    with ExampleReader() as reader:

        def signatures_of(found: KernelLocks) -> tuple[str, ...]:
            return _signatures(found.kernel, reader, say) if run_inputs else ()

        spaces: dict[tuple[int, str, str | None], ConfigSpace | None] = {}

        def space_of(kernel: KernelSyntax, device: str, signature: str | None) -> ConfigSpace | None:
            key = (id(kernel), device if find_target(device) else "", signature)
            if key not in spaces:
                spaces[key] = compiler.lock_space(kernel, device, signature)
            return spaces[key]

        return [*audit_kernels(kernels, devices, signatures_of, space_of), *_left(named)]


def _left(names: Iterable[str]) -> Iterator[AuditRow]:
    """What lies beside whole files of kernels that they have not any more."""
    for file in python_files(tuple(path for path, kernel in map(split_name, names) if kernel is None)):
        beside = sidecar_path(Path(file))
        if beside.is_file():
            with contextlib.suppress(Failure):  # one unreadable file of a folder hides nothing else
                yield from rows_left(compiler.parse(read_file(file)), read_entries(beside))


def _with_evidence(kernel: KernelSyntax, into: Path | None) -> KernelLocks:
    locks = tuple((entry, evidence_of_entry(kernel, entry)) for entry in locks_of_text(kernel, into))
    return KernelLocks(kernel, locks, kept_of_text(kernel, into))


def _signatures(kernel: KernelSyntax, reader: ExampleReader, say: Callable[[str], None]) -> tuple[str, ...]:
    examples = reader.read(kernel)
    if examples.problem is not None:
        say(f"{kernel.file.path}::{place_name(kernel)}: `inputs=` gives no arguments: {examples.problem}")
    return complete_signatures(examples)
