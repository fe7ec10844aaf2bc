"""Diagnostics that an option of the decorator causes in, the option changed out."""

from __future__ import annotations

from collections.abc import Iterator

from helion.diagnostics.catalog.indexing import IndexTypeTooSmall, OffsetTooLarge
from helion.diagnostics.diagnostic import Diagnostic, Fix, TextEdit
from helion.syntax.decorator_options import options, options_of_settings
from helion_lsp.worker.fixes.around import Around


def decorator_fixes(diagnostic: Diagnostic, around: Around) -> Iterator[Fix]:
    if not isinstance(diagnostic, IndexTypeTooSmall | OffsetTooLarge):
        return
    for option in options(around.kernel):
        inner = options_of_settings(around.kernel, option.value) if option.name == "settings" else [option]
        for found in inner:
            if found.name == "index_dtype":
                yield Fix("Index with 64 bits", (TextEdit(found.value_span, "torch.int64"),), safe=False)
                if found.removal is not None:
                    title = "Remove `index_dtype`: 64 bits where a call needs them"
                    yield Fix(title, (TextEdit(found.removal, ""),), safe=False)
