"""A view of an analysis and an offset in, the hover there out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from helion_lsp.features.view import View
from helion_lsp.hover_parts import shown

_MODULE: Mapping[str, Any] = {"start": 0}


def hover(view: View, offset: int, *, documentation: bool = True) -> tuple[int, int, str] | None:
    """The smallest range with something to say that touches the offset: `(start, end, markdown)`. Without `documentation`, what a Python
    server says of functions too is left to it."""
    found = view.kernel_at(offset)
    if found is None:
        return _outside(view, offset)
    kernel, at = found
    details = view.details_of(kernel)
    entries = [*kernel["hovers"], *kernel.get("lock_hovers", ()), *details.get("hovers", ())]
    best = _smallest(entries, at)
    if best is None:
        return None
    span = view.span(kernel, best[:2])
    if span is None:
        return None
    lines = [line for first, last, facts in details.get("facts", ()) if [first, last] == list(best[:2]) for line in facts]
    text = shown(best[2], documentation=documentation)
    return (*span, _with_facts(text, lines)) if text or lines else None


def _smallest(entries: Iterable[Any], at: int) -> tuple[int, int, str] | None:
    """Of two that touch at a common edge the later one begins there, which is what a cursor between them is on."""
    best: tuple[int, int, str] | None = None
    for first, last, text in entries:
        if not first <= at <= last:
            continue
        if best is None or (last == at, last - first) < (best[1] == at, best[1] - best[0]):
            best = (first, last, text)
    return best


def _with_facts(text: str, lines: list[str]) -> str:
    """The facts as further items of the text's list."""
    if not lines:
        return text
    separator = "\n" if "\n- " in text else "\n\n"
    return text + separator + "\n".join(f"- {line}" for line in lines)


def _outside(view: View, offset: int) -> tuple[int, int, str] | None:
    old = view.change.to_old(offset)
    best = None if old is None else _smallest(view.outside, old)
    span = None if best is None else view.span(_MODULE, best[:2])
    return None if best is None or span is None else (*span, best[2])
