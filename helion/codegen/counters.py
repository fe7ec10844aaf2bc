"""Each element of a value numbered over whole extents, so that numbers do not depend on block sizes: what random numbers count by."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from helion.types.dims import BlockSymbol, Dim, constant

if TYPE_CHECKING:
    from helion.codegen.kernel_body import KernelBody

_LARGEST_INT32 = 2**31 - 1


def emit_counter(body: KernelBody, shape: tuple[Dim, ...], *, across_loops: bool) -> str:
    """See `EmitContext.counter`."""
    around = [axis for axis in body.open_axes if across_loops and (axis.symbol is None or axis.symbol not in shape)]
    extents = [None if axis.axis is None else axis.axis.end for axis in around]
    places = [(axis.offset, axis.end) for axis in around]
    kept = body.physical_dims(shape)
    for position, length in enumerate(shape):
        index, end, extent = _place(body, length)
        places.append((body.expanded(index, (position,) if position in kept else (), shape), end))
        extents.append(extent)
    if not places:
        return "tl.full([], 0, tl.int32)"
    text = places[0][0]
    wide = body.index_dtype == "tl.int64" or not _fits_int32(extents)
    if wide or not kept:
        text = f"tl.cast({text}, {'tl.int64' if wide else 'tl.int32'})"
    for index, end in places[1:]:
        text = f"({text}) * {end} + {index}"
    return text


def _place(body: KernelBody, length: Dim) -> tuple[str, str, Dim | None]:
    """The indices along a dim, and the extent that they run over, as text and as a dim."""
    if isinstance(length, BlockSymbol):
        for axis in reversed(body.open_axes):
            if axis.symbol == length:
                return axis.index, axis.end, None if axis.axis is None else axis.axis.end
    return body.full_index(length), body.size(length), length


def _fits_int32(extents: list[Dim | None]) -> bool:
    known = [None if extent is None else constant(extent) for extent in extents]
    return None not in known and math.prod(k for k in known if k is not None) <= _LARGEST_INT32
