"""What the code generator decided where a reader may wonder why, as data with a place in the source; knows no editor."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from helion.source import Span
from helion.typecheck.index_width import MAX_INT32, wide_accesses
from helion.typed_kernel.tree import TypedKernel
from helion.types.types import TensorType


@dataclass(frozen=True)
class Decision:
    """`kind` is "mask", "index-width", "access", "product", of a compiled kernel "spills", "occupancy" or "instructions", or "unknown"
    where nothing can be decided; `text` says why."""

    kind: str
    span: Span
    text: str


def distinct(decisions: Iterable[Decision]) -> tuple[Decision, ...]:
    """Each once, in source order: unrolled and rolled code is written several times."""
    return tuple(sorted(dict.fromkeys(decisions), key=lambda d: (d.span, d.kind, d.text)))


def index_width_decisions(kernel: TypedKernel) -> Iterator[Decision]:
    """Why offsets have 64 bits, at the first access to each tensor that needs them."""
    if kernel.index_bits != 64:
        return
    wide = {kernel.file.text_of(expr.span): expr for expr in reversed(list(wide_accesses(kernel)))}
    for text, expr in wide.items():
        if isinstance(expr.type, TensorType):
            yield Decision("index-width", expr.span, f"offsets have 64 bits: elements of `{text}`, {expr.type}, lie past {MAX_INT32:,}")
    if not wide:
        yield Decision("index-width", kernel.name_span, "offsets have 64 bits, as `index_dtype` or a tensor of the call asks")
