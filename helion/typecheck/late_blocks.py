"""A kernel typed for one call in, the block sizes that even that call does not fix out: what the host computes of values comes too late."""

from __future__ import annotations

from helion.diagnostics.catalog.tiles import TileMisuse
from helion.diagnostics.diagnostic import Diagnostic
from helion.typed_kernel.tree import TypedKernel
from helion.types.dims import SizeSymbol

_WORDS = "a fixed block size must be known when the kernel is compiled: what the host decides at run time is not; make it an argument"


def late_blocks(kernel: TypedKernel) -> tuple[Diagnostic, ...]:
    """A diagnostic for each block length that is a host variable's value."""
    late = (block for block in kernel.blocks if block.fixed is not None and block.fixed.has(SizeSymbol))
    return tuple(TileMisuse(block.span, _WORDS) for block in late)
