"""A view of an analysis in, the lenses of each kernel out: previews, tuning, and what is locked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from helion_lsp.features.view import View


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
        yield Lens(span, kernel["lock"], None)
