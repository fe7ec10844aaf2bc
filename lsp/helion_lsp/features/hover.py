"""A view of an analysis and an offset in, the hover there out."""

from __future__ import annotations

from helion_lsp.features.view import View


def hover(view: View, offset: int) -> tuple[int, int, str] | None:
    """The smallest range with something to say that touches the offset: `(start, end, markdown)`."""
    found = view.kernel_at(offset)
    if found is None:
        return None
    kernel, at = found
    best: tuple[int, int, str] | None = None
    for first, last, text in kernel["hovers"]:
        if first <= at <= last and (best is None or last - first < best[1] - best[0]):
            best = (first, last, text)
    if best is None:
        return None
    span = view.span(kernel, best[:2])
    return None if span is None else (*span, best[2])
