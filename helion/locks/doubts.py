"""A kernel with its sidecar in, what is doubtful about each lock of its decorator out, at the lock's own place; and what the sidecar of a
file says of kernels that are gone. Runs nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from helion.config.config import Config
from helion.diagnostics.catalog.locks import (
    LockDoesNotFit,
    LockEvidenceLeft,
    LockFileUnreadable,
    LockKernelChanged,
    LockNotMeasured,
    LockUnreachable,
    LockVersionsChanged,
)
from helion.diagnostics.diagnostic import Diagnostic
from helion.locks.entries import LockEntry
from helion.locks.evidence import evidence_among
from helion.locks.identity import ANY_DEVICE
from helion.locks.ownership import heirs, ownerless
from helion.locks.sidecar import Unreadable, read_entries, read_sidecar, sidecar_path
from helion.locks.staleness import Remark, SpaceOf, how_found, remarks_of, space_to_judge
from helion.locks.unreachable import unreachable
from helion.source import Span
from helion.syntax.config_literals import ConfigLiteral, used_literals
from helion.syntax.namesakes import in_order, place_name
from helion.syntax.tree import KernelSyntax, ModuleSyntax


def lock_diagnostics(
    kernel: KernelSyntax, space_of: SpaceOf = lambda device, signature: None, known: Iterable[Mapping[str, Any]] | None = None
) -> Iterator[Diagnostic]:
    """`known` is evidence, that of the sidecar when None. Without spaces nothing is said of lists whose entries moved. A fallback for
    every device is nobody's measurement, so nothing is said of one without evidence. Of a sidecar that cannot be read only that."""
    locks = [literal for literal in used_literals(kernel) if literal.device is not None]
    if not locks:
        return
    path = sidecar_path(Path(kernel.file.path))
    beside = read_sidecar(path)
    if isinstance(beside, Unreadable):
        yield from _unreadable(kernel, path, beside)
        return
    entries = beside if known is None else list(known)
    for literal in locks:
        yield from _unreachable(kernel, literal)
        lock = LockEntry(str(literal.device), literal.signature, Config.from_dict(literal.values))
        evidence = evidence_among(entries, kernel, lock)
        if evidence or literal.device != ANY_DEVICE:
            where = literal.lock_spans[-1] if literal.lock_spans else literal.span
            for remark in remarks_of(evidence, kernel, space_to_judge(evidence, lock, space_of) if evidence else None):
                yield _diagnostic(remark, where, kernel.name, str(literal.device), literal.signature, how_found(evidence))


def evidence_left(module: ModuleSyntax, known: Iterable[Mapping[str, Any]] | None = None) -> Iterator[Diagnostic]:
    """What the sidecar, or `known`, says of kernels that the text has not, each once, at the first kernel."""
    path = sidecar_path(Path(module.file.path))
    everything = read_entries(path) if known is None else list(known)
    entries = ownerless(everything, module)
    kernels = in_order(module)
    where = kernels[0].name_span if kernels else Span(0, min(1, len(module.file.text)))
    for name in dict.fromkeys(str(entry.get("kernel")) for entry in entries):
        own = [entry for entry in entries if str(entry.get("kernel")) == name]
        devices = dict.fromkeys(str(entry.get("device")) for entry in own)
        alike = dict.fromkeys(place_name(kernel) for entry in own for kernel in heirs(entry, everything, module))
        yield LockEvidenceLeft(where, path.name, name, tuple(devices), tuple(alike))


def _unreadable(kernel: KernelSyntax, path: Path, problem: Unreadable) -> Iterator[Diagnostic]:
    """Said once a file, at the first kernel that has locks."""
    first = next((k for k in kernel.module.kernels if "configs" in k.keywords), kernel)
    if first.function.span == kernel.function.span:
        yield LockFileUnreadable(kernel.name_span, path.name, problem.reason)


def _unreachable(kernel: KernelSyntax, literal: ConfigLiteral) -> Iterator[Diagnostic]:
    device, signature = str(literal.device), literal.signature
    lost = unreachable(kernel, device, signature)
    if lost is not None:
        where = literal.lock_spans[lost.key] if literal.lock_spans else literal.span
        yield LockUnreachable(where, kernel.name, device, signature, lost.why)


def _diagnostic(remark: Remark, span: Span, kernel: str, device: str, signature: str | None, done: str) -> Diagnostic:
    match remark.kind:
        case "sites":
            return LockDoesNotFit(span, kernel, device, signature, (remark.words,))
        case "kernel":
            return LockKernelChanged(span, kernel, device, signature, str(remark.facts[0]), done)
        case "versions":
            return LockVersionsChanged(span, kernel, device, signature, remark.facts, done)
        case _:
            return LockNotMeasured(span, kernel, device, signature, remark.words)
