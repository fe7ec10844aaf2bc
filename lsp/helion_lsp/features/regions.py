"""A view of an analysis in, the parts of the text that run on the device out."""

from __future__ import annotations

from collections.abc import Iterator

from helion_lsp.features.view import View


def device_regions(view: View) -> Iterator[tuple[str, int, int]]:
    """`(kernel, start, end)` of each top-level device loop."""
    for kernel in view.kernels():
        for relative in kernel["loops"]:
            span = view.span(kernel, relative)
            if span is not None:
                yield kernel["name"], *span
