"""A kernel that says how wide its indices are in, what is too large for them in the calls that are known out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from helion import compiler
from helion.diagnostics.catalog.indexing import IndexTypeTooSmall, OffsetTooLarge
from helion.diagnostics.diagnostic import Diagnostic
from helion.signatures.signature import KernelSignature
from helion.signatures.written_settings import settings_as_written
from helion.source import Span
from helion.syntax.tree import KernelSyntax
from helion_lsp.kernel_keys import kernel_start
from helion_lsp.worker.fixes.around import Around
from helion_lsp.worker.fixes.decorators import decorator_fixes
from helion_lsp.worker.plain import diagnostic_data
from helion_lsp.worker.prepared import signature_of
from helion_lsp.worker.sample_signatures import sample_signatures
from helion_lsp.worker.surroundings import Surroundings


def sample_doubts(kernel: KernelSyntax, sample: str | None, around: Surroundings) -> list[dict[str, Any]]:
    """Diagnostics of the signature that was chosen, of the calls in the text and of the locks, each place once."""
    if settings_as_written(kernel).index_dtype is None:
        return []
    notations = dict.fromkeys(filter(None, (sample, *(one["notation"] for one in sample_signatures(kernel, around)))))
    found: dict[tuple[str, Span], dict[str, Any]] = {}
    for notation in notations:
        for diagnostic, fixes in _too_large(kernel, notation, around):
            found.setdefault((diagnostic.code, diagnostic.span), diagnostic_data(diagnostic, kernel_start(kernel), fixes=fixes))
    return list(found.values())


def _too_large(kernel: KernelSyntax, notation: str, around: Surroundings) -> Iterator[tuple[Diagnostic, Any]]:
    signature = signature_of(kernel, notation, around)
    if isinstance(signature, KernelSignature):
        typed = compiler.check(kernel, signature, around.names(kernel.module), settings_as_written(kernel))
        for diagnostic in typed.diagnostics:
            if isinstance(diagnostic, IndexTypeTooSmall | OffsetTooLarge):
                yield diagnostic, tuple(decorator_fixes(diagnostic, Around(kernel, typed)))
