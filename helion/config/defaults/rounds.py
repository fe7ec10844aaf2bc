"""Lengths of blocks in, how many rounds the loops inside a program have out."""

from __future__ import annotations

from collections.abc import Mapping

from helion.device_ir.ir import DeviceIR
from helion.types.dims import Dim, constant
from helion.types.types import Axis


def most_rounds(ir: DeviceIR, lengths: Mapping[Dim, int]) -> int | None:
    """Of the longest loop; None where that is not known of all, and where there is no loop. `lengths` are those of blocks, by their
    symbols. Sizes that come as arguments tell nothing: the next call has others."""
    found = [_rounds(axis, lengths) for site in ir.loop_sites if not site.is_grid for axis in site.axes]
    known = [rounds for rounds in found if rounds is not None]
    return max(known) if known and len(known) == len(found) else None


def _rounds(axis: Axis, lengths: Mapping[Dim, int]) -> int | None:
    begin, end = (None if dim is None else constant(dim) for dim in (axis.begin, axis.end))
    if begin is None or end is None or axis.block is None:
        return None
    return max(0, -(-(end - begin) // lengths[axis.block.symbol]))
