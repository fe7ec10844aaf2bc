"""The names that an open loop axis or a `:` dim has in the generated code, and the lines that define them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sympy

from helion.codegen.signs import may_be_negative
from helion.codegen.writer import Writer
from helion.types.dims import BlockSymbol, Dim, constant, dim, dim_text
from helion.types.types import Axis

if TYPE_CHECKING:
    from helion.codegen.kernel_body import KernelBody


@dataclass(frozen=True)
class AxisText:
    """See `helion.ops.contexts.AxisNames`; `axis` is None for a `:` dim, `lane_ends` the tensor of a jagged tile's ends.

    `is_flat`: the indices run over all tiles of a flattened loop at once, so that they are no rectangle. `begin_multiple` and
    `end_multiple` divide the loop's bounds (see `codegen/multiples.py`).
    """

    axis: Axis | None
    index: str
    offset: str
    begin: str
    end: str
    block_size: str
    mask: str | None
    lane_ends: str | None = None
    is_flat: bool = False
    begin_multiple: int = 1
    end_multiple: int = 1

    @property
    def symbol(self) -> BlockSymbol | None:
        return None if self.axis is None or self.axis.block is None else self.axis.block.symbol


def _why_masked(axis: Axis, extent: Dim | None, length: int) -> str:
    if extent is None:
        return "where it ends is read on the device"
    known = constant(extent)
    if known is None:
        return f"`{dim_text(extent)}` is known at run time only, so tiles of {length} may not divide it"
    return f"{length} does not divide {known}" if axis.lanes == () else "each lane ends where its tensor says"


def open_axis(
    body: KernelBody,
    axis: Axis,
    offset: str,
    begin: str,
    end: str,
    lane_ends: str | None = None,
    multiples: tuple[int, int] = (1, 1),
    *,
    is_whole: bool = False,
) -> AxisText:
    """Write the index vector and mask of a tile whose first index is `offset`; a `hl.grid` axis is its offset. `multiples` divide begin
    and end; a tile that `is_whole` does not reach past the end."""
    if axis.block is None:
        return AxisText(axis, offset, offset, begin, end, "1", None)
    first, last = multiples
    length = body.layout.block_length(axis.block)
    block_size = body.size(axis.block.symbol)
    if length == 1:
        return AxisText(axis, offset, offset, begin, end, block_size, None, lane_ends, begin_multiple=first, end_multiple=last)
    index = body.names.fresh(f"{axis.name}_index")
    start = offset if body.index_dtype == "tl.int32" else f"tl.cast({offset}, tl.int64)"
    body.writer.line(f"{index} = {start} + tl.arange(0, {block_size})")
    mask = None
    extent = None if axis.begin is None or axis.end is None else axis.end - axis.begin
    if not is_whole and not _divides(extent, length) and (first % length or last % length):
        mask = body.names.fresh(f"{axis.name}_mask")
        body.writer.line(f"{mask} = {index} < {end}")
        body.writer.decide("mask", f"lanes of `{axis.name}` are masked: {_why_masked(axis, extent, length)}", axis.span)
    return AxisText(axis, index, offset, begin, end, block_size, mask, lane_ends, begin_multiple=first, end_multiple=last)


def open_flattened(body: KernelBody, axes: Sequence[Axis], offset: str) -> list[AxisText]:
    """As `open_axis` for the tiles of a flattened loop: the last has the indices of all, the others one lane each, at 0."""
    last = axes[-1]
    assert last.block is not None
    total = flat_extent(body, axes)
    end, length, block_size = body.size(total), body.layout.block_length(last.block), body.size(last.block.symbol)
    index, mask = offset, None
    if length > 1:
        index = body.names.fresh(f"{last.name}_index")
        body.writer.line(f"{index} = {offset} + tl.arange(0, {block_size})")
        if not _divides(total, length):
            mask = body.names.fresh(f"{last.name}_mask")
            body.writer.line(f"{mask} = {index} < {end}")
    others = [AxisText(axis, "0", "0", "0", "1", "1", None, is_flat=True) for axis in axes[:-1]]
    return [*others, AxisText(last, index, offset, "0", end, block_size, mask, is_flat=True)]


def flat_extent(body: KernelBody, axes: Sequence[Axis]) -> Dim:
    """How many indices a flattened loop goes over; two ends below zero have no product."""
    ends = [axis.end for axis in axes if axis.end is not None]
    return sympy.Mul(*(sympy.Max(end, 0) if may_be_negative(end, body.ir.kernel.dim_origins) else end for end in ends))


def _divides(extent: Dim | None, length: int) -> bool:
    """Whether the loop's extent is known to be a multiple of the block, so that no lane is ever outside."""
    known = None if extent is None else constant(extent)
    return known is not None and known % length == 0


def index_vector(body: KernelBody, extent: Dim) -> AxisText:
    """The index vector of a whole `:` dim, defined once at the top of the kernel."""
    size = body.size(extent)
    if body.layout.is_one(extent):
        return AxisText(None, "0", "0", "0", size, "1", None)
    length = body.dim(extent)
    index = body.names.fresh(f"index_{len(body.full_indices)}")
    top: Writer = body.prologue
    top.line(f"{index} = tl.arange(0, {length})")
    mask = None
    if body.layout.is_padded(extent):
        mask = body.names.fresh(f"mask_{len(body.full_indices)}")
        top.line(f"{mask} = {index} < {size}")
    return AxisText(None, index, "0", "0", size, length, mask)


def bound_text(body: KernelBody, bound: object, known: Dim | None) -> str:
    """A loop bound as text: from its dim when it has one, else the value computed on the device."""
    if known is not None:
        return body.size(dim(known))
    return body.text(bound)
