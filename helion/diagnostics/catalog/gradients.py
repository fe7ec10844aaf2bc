"""Gradients of kernels: what of a kernel is not differentiated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from helion.diagnostics.diagnostic import Diagnostic, Note


@dataclass(frozen=True)
class GradientNotSupported(Diagnostic):
    """`helion.experimental.backward` differentiates kernels with one top-level loop whose tiles load arguments, compute with torch's
    functions, reductions included, and store what the kernel returns. Anything else needs a gradient kernel written by hand.

    Bad:
        >>> hl.atomic_add(out, [tile_m], x[tile_m, tile_n].sum(-1))
    Good:
        >>> out[tile_m] = x[tile_m, :].sum(-1)
    """

    code: ClassVar[str] = "gradient-not-supported"
    exception: ClassVar[str] = "AutodiffNotSupported"
    kernel: str
    what: str
    why: str

    def message(self) -> str:
        return f"{self.what} in `{self.kernel}` is not differentiated: {self.why}"

    def notes(self) -> tuple[Note, ...]:
        return (Note("a kernel of your own for the gradient and `torch.autograd.Function` put the two together"),)
