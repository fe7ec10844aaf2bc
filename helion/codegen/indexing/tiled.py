"""Whether an access is a rectangle of consecutive indices, which block pointers and tensor descriptors need, and its offsets."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import torch

from helion.codegen.access import Edge
from helion.codegen.multiples import multiple_of
from helion.device_ir.graph_builder import info_of
from helion.types.alignment import ALIGNMENT
from helion.types.dims import constant

if TYPE_CHECKING:
    from helion.codegen.access import Access
    from helion.codegen.kernel_body import KernelBody

_DESCRIPTOR_MAX_ELEMENTS = 256
# The engine writes to multiples of 128 bytes of shared memory; Triton's pipeliner puts the rectangles of a loop's rounds side by side.
_DESCRIPTOR_MIN_BYTES = 128
_MAX_RANK = 5


@dataclass(frozen=True)
class TiledAccess:
    """`block` is the rectangle's shape over all dims of the tensor; `bounded` are the dims where it may reach past the end. `order` are the
    dims as a descriptor has them: the one whose elements are neighbours last. `limits` are where the lanes of some dims end before the
    tensor does, by dim: only the kernel can make the descriptor, which has these for sizes."""

    offsets: tuple[str, ...]
    block: tuple[int, ...]
    bounded: tuple[int, ...]
    order: tuple[int, ...]
    limits: Mapping[int, str] = field(default_factory=dict[int, str])

    @property
    def is_turned(self) -> bool:
        return self.order != tuple(range(len(self.block)))


@dataclass(frozen=True)
class Refusal:
    """Why an access moves by pointers."""

    reason: str


def tiled_access(
    body: KernelBody, access: Access, *, for_descriptor: bool, writes: bool, may_be_made: bool = False
) -> TiledAccess | Refusal:
    """The rectangle of an access, or why it is not one or its mask is not simply the tensor's own bounds; of a
    descriptor that `may_be_made` by the kernel, also the bounds of a tile."""
    if body.index_dtype == "tl.int64":
        return Refusal("its offsets need 64 bits")
    if not access.dims:
        return Refusal("it has no dimensions")
    offsets: list[str] = []
    block: list[int] = []
    bounded: list[int] = []
    limits: dict[int, str] = {}
    for position, dim in enumerate(access.dims):
        if dim.start is None:
            return Refusal(f"indices of dimension {position} are not consecutive")
        if dim.edge is Edge.OTHER:
            if dim.limit is None or not may_be_made:
                return Refusal(f"lanes of dimension {position} are left out before the tensor ends")
            limits[position] = dim.limit
        length = body.layout.length(access.shape[dim.result[0]]) if dim.result else 1
        if length is None:
            return Refusal(f"the length of dimension {position} is known at run time only")
        offsets.append(dim.start)
        block.append(length)
        if dim.edge is Edge.TENSOR and length > 1:
            bounded.append(position)
    if all(length == 1 for length in block):
        return Refusal("it is one element")
    tiled = TiledAccess(tuple(offsets), tuple(block), tuple(bounded), _order(access), limits)
    return (_not_for_descriptor(body, access, tiled, writes=writes) or tiled) if for_descriptor else tiled


def _order(access: Access) -> tuple[int, ...]:
    """The tensor's dims with the one whose stride is 1 last; as they are where that is the last one, or not known."""
    strides = [constant(s) for s in access.type.stride or ()]
    dims = range(len(access.dims))
    if not strides or strides[-1] == 1 or 1 not in strides:
        return tuple(dims)
    innermost = strides.index(1)
    return (*(dim for dim in dims if dim != innermost), innermost)


def _not_for_descriptor(body: KernelBody, access: Access, tiled: TiledAccess, *, writes: bool) -> Refusal | None:
    assert body.node is not None
    if info_of(body.node).is_rewritten:
        return Refusal("the kernel both reads and writes the tensor")
    if _may_be_empty(body, access):
        return Refusal("the tensor is empty, or may be")
    if not _suits_descriptor(body, access, tiled):
        return Refusal(_unsuited(access, tiled))
    if writes and _writes_past_the_end(body, access, tiled):
        return Refusal("its rows may end inside 16 bytes, to whose end the engine would write")
    return None


def _may_be_empty(body: KernelBody, access: Access) -> bool:
    """A descriptor describes at least one element. Calls with empty tensors are specializations of their own, so that a hint is exact; a
    size that only running the host tells has none."""
    sizes = [body.layout.with_config(dim.size) for dim in access.dims]
    hints = body.layout.ir.hints
    return any(body.layout.ir.hint(size) == 0 or not all(symbol in hints for symbol in size.free_symbols) for size in sizes)


def _writes_past_the_end(body: KernelBody, access: Access, tiled: TiledAccess) -> bool:
    """Whether rows that end inside 16 bytes would be written to the end of those: on H200 the bulk tensor copy cuts off what lies past
    the end to the element when it reads, and to 16 bytes when it writes."""
    row, dtype = access.dims[tiled.order[-1]], access.type.dtype
    assert dtype is not None
    if tiled.order[-1] in tiled.limits:
        return True
    return row.edge is Edge.TENSOR and multiple_of(body, row.size) * dtype.itemsize % ALIGNMENT != 0


def _suits_descriptor(body: KernelBody, access: Access, tiled: TiledAccess) -> bool:
    """The rules of the bulk tensor copy: one stride 1, other strides multiples of 16 bytes, rows of at least 16 bytes that begin at
    multiples of 16, at least 128 bytes in all. Triton takes booleans for single bits."""
    dtype, block, row = access.type.dtype, tiled.block, tiled.order[-1]
    if dtype in (None, torch.bool) or access.type.stride is None or not access.type.is_aligned or not 1 <= len(block) <= _MAX_RANK:
        return False
    origin = access.dims[row].origin
    first = None if origin is None else constant(origin)
    if first is None or first * dtype.itemsize % ALIGNMENT != 0:
        return False
    strides = [constant(s) for s in access.type.stride]
    if strides[row] != 1 or block[row] * dtype.itemsize < ALIGNMENT:
        return False
    if any(length > _DESCRIPTOR_MAX_ELEMENTS for length in block) or math.prod(block) * dtype.itemsize < _DESCRIPTOR_MIN_BYTES:
        return False
    outer = [access.type.stride[dim] for dim in tiled.order[:-1]]
    return all(multiple_of(body, s) * dtype.itemsize % ALIGNMENT == 0 and constant(s) != 0 for s in outer)


def _unsuited(access: Access, tiled: TiledAccess) -> str:
    """Which of the rules it breaks, in words."""
    dtype, block, row = access.type.dtype, tiled.block, tiled.order[-1]
    if dtype in (None, torch.bool) or access.type.stride is None:
        return "its dtype or its strides are not known" if dtype != torch.bool else "Triton takes booleans for single bits"
    if not access.type.is_aligned:
        return "the tensor does not begin at a multiple of 16 bytes"
    if not 1 <= len(block) <= _MAX_RANK:
        return f"it has {len(block)} dimensions"
    if constant(access.type.stride[row]) != 1:
        return "none of its strides is known to be 1"
    if block[row] * dtype.itemsize < ALIGNMENT:
        return f"rows of {block[row]} elements have less than 16 bytes"
    if any(length > _DESCRIPTOR_MAX_ELEMENTS for length in block):
        return f"a side of {max(block)} elements is longer than {_DESCRIPTOR_MAX_ELEMENTS}"
    if math.prod(block) * dtype.itemsize < _DESCRIPTOR_MIN_BYTES:
        return f"{math.prod(block)} elements have less than {_DESCRIPTOR_MIN_BYTES} bytes"
    strides = [constant(access.type.stride[dim]) for dim in tiled.order[:-1]]
    if any(s is None for s in strides):
        return "its outer strides are known at run time only, and not to be multiples of 16 bytes"
    if any(s is not None and s * dtype.itemsize % ALIGNMENT for s in strides):
        return "its outer strides are no multiples of 16 bytes"
    return "its rows do not begin at multiples of 16 bytes"
