"""A view of an analysis in, its diagnostics and the fixes at a range out, in offsets of the current text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from helion_lsp.features.view import TriedKey, View, tried_key


def diagnostics(view: View) -> list[Mapping[str, Any]]:
    """Every diagnostic of the document whose place is still there, in order."""
    found = [moved for d in view.analysis["diagnostics"] if (moved := _moved(view, {"start": 0}, d)) is not None]
    for kernel in view.kernels():
        listed = [*kernel["diagnostics"], *kernel.get("doubts", ()), *view.details_of(kernel).get("doubts", ())]
        found.extend(moved for d in listed if (moved := _moved(view, kernel, d)) is not None)
    return _sorted(found)


def _sorted(found: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """In order; what kernels that are made of one function have in common once."""
    once = {(*d["span"], d["code"], d["message"]): d for d in found}
    return sorted(once.values(), key=lambda d: d["span"])


def decisions(view: View, compiled: Mapping[str, Sequence[Mapping[str, Any]]] | None = None) -> list[Mapping[str, Any]]:
    """What the compiler decided where a reader may wonder why, of kernels that it has seen as they are; `compiled` is what became of it in
    compiled code, by the kernels' keys."""
    more = compiled or {}
    found = [(k, d) for k in view.kernels() for d in (*view.details_of(k).get("decisions", ()), *more.get(k["key"], ()))]
    return _sorted(moved for kernel, d in found if (moved := _moved(view, kernel, d)) is not None)


def _moved(view: View, kernel: Mapping[str, Any], diagnostic: Mapping[str, Any]) -> Mapping[str, Any] | None:
    span = view.span(kernel, diagnostic["span"])
    if span is None:
        return None
    notes = [{**n, "span": None if n["span"] is None else view.span(kernel, n["span"])} for n in diagnostic["notes"]]
    tried = view.tried.get(tried_key(kernel, diagnostic), ()) if diagnostic.get("guessed") else ()
    fixes: list[Any] = []
    for fix in (*diagnostic["fixes"], *tried):
        edits = [(view.span(kernel, edit[:2]), edit[2]) for edit in fix["edits"]]
        if all(place is not None for place, _ in edits):
            fixes.append({**fix, "edits": [[*place, new] for place, new in edits if place is not None]})
    return {**diagnostic, "span": span, "notes": notes, "fixes": fixes}


def guessed_at(view: View, start: int, end: int) -> dict[str, list[TriedKey]]:
    """The diagnostics that touch a range and may have fixes to be tried, by the key of their kernel."""
    found: dict[str, list[TriedKey]] = {}
    for kernel in view.kernels():
        for diagnostic in () if kernel.get("pending") else kernel["diagnostics"]:
            span = view.span(kernel, diagnostic["span"]) if diagnostic.get("guessed") else None
            if span is not None and span[0] <= end and start <= span[1]:
                found.setdefault(kernel["key"], []).append(tried_key(kernel, diagnostic))
    return found


def fixes_at(view: View, start: int, end: int) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Each diagnostic that touches a range with each of its fixes."""
    for diagnostic in diagnostics(view):
        first, last = diagnostic["span"]
        if first <= end and start <= last:
            for fix in diagnostic["fixes"]:
                yield diagnostic, fix
