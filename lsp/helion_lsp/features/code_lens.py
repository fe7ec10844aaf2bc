"""A view of an analysis in, the lenses of each kernel out: previews, tuning, what is locked, the signature, and runs in Python."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from helion_lsp.features.view import View

_MOST_LETTERS = 60


@dataclass(frozen=True)
class Lens:
    """`command` is None for a lens that only says something."""

    span: tuple[int, int]
    title: str
    command: str | None
    arguments: tuple[object, ...] = ()


def code_lenses(view: View, uri: str) -> Iterator[Lens]:
    """The lenses at each kernel's name."""
    for kernel in view.kernels():
        span = view.span(kernel, kernel["name_span"])
        if span is None:
            continue
        name = kernel["name"]
        yield Lens(span, "Triton", "helion.showPreview", (uri, name, "triton"))
        yield Lens(span, "Resources", "helion.showPreview", (uri, name, "resources"))
        yield Lens(span, "Tune and lock", "helion.tuneAndLock", (uri, name, {}))
        is_locked = kernel["lock"].startswith("locked:")
        yield Lens(span, kernel["lock"], "helion.showTuning", (uri, name)) if is_locked else Lens(span, kernel["lock"], None)
        yield Lens(span, _signature(view.details_of(kernel)), "helion.chooseSignature", (uri, name))
        yield Lens(span, "Run in interpreter", "helion.runInInterpreter", (uri, name))
        yield Lens(span, "Debug", "helion.debugInInterpreter", (uri, name))


def _signature(details: Mapping[str, Any]) -> str:
    """What hovers and previews speak of; a sample that does not fit says so."""
    sample = details.get("sample")
    if sample is None:
        return "signature: inferred"
    if details.get("problem") is not None:
        return f"signature does not fit: {details['problem']}"
    short = sample if len(sample) <= _MOST_LETTERS else f"{sample[: _MOST_LETTERS - 1]}…"
    return f"signature: {short}"
