"""Why a kernel has no gradient kernel, as an exception of the derivation; the runtime makes a diagnostic of it."""

from __future__ import annotations

from helion.source import Span


class NotDifferentiable(Exception):
    """`what` stands at `span` of the kernel; `why` continues "has no gradient kernel: "."""

    def __init__(self, span: Span, what: str, why: str) -> None:
        super().__init__(f"{what}: {why}")
        self.span = span
        self.what = what
        self.why = why
