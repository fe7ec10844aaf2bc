"""A load or store through `tl.make_block_ptr`: a rectangle with the tensor's own bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helion.codegen.indexing.cache_policy import cache_modifier, configured_eviction

if TYPE_CHECKING:
    from helion.codegen.access import Access
    from helion.codegen.indexing.tiled import TiledAccess
    from helion.codegen.kernel_body import KernelBody


def _block_pointer(body: KernelBody, access: Access, tiled: TiledAccess) -> str:
    name = body.arguments.tensor(access.expression, access.type)
    shape = ", ".join(body.size(dim.size) for dim in access.dims)
    strides = ", ".join(dim.stride for dim in access.dims)
    offsets = ", ".join(tiled.offsets)
    order = list(range(len(access.dims) - 1, -1, -1))
    return f"tl.make_block_ptr({name}, [{shape}], [{strides}], [{offsets}], {list(tiled.block)}, {order})"


def block_pointer_load(body: KernelBody, access: Access, tiled: TiledAccess) -> str:
    check = f", boundary_check={list(tiled.bounded)}, padding_option='zero'" if tiled.bounded else ""
    policy = configured_eviction(body)
    eviction = f", eviction_policy={policy!r}" if policy else ""
    return from_block(body, access, tiled, f"tl.load({_block_pointer(body, access, tiled)}{check}{eviction}{cache_modifier(body)})")


def block_pointer_store(body: KernelBody, access: Access, tiled: TiledAccess, value: str) -> None:
    check = f", boundary_check={list(tiled.bounded)}" if tiled.bounded else ""
    body.statement(f"tl.store({_block_pointer(body, access, tiled)}, {to_block(body, access, tiled, value)}{check}{cache_modifier(body)})")


def from_block(body: KernelBody, access: Access, tiled: TiledAccess, text: str) -> str:
    """A block with every dim of the tensor as a value's physical shape."""
    kept = [length for length in tiled.block if length != 1]
    return text if len(kept) == len(tiled.block) else f"tl.reshape({text}, {body.physical_shape(access.shape)})"


def to_block(body: KernelBody, access: Access, tiled: TiledAccess, value: str) -> str:
    """A value broadcast to its whole physical shape and given every dim of the tensor."""
    whole = f"tl.broadcast_to({value}, {body.physical_shape(access.shape)})"
    kept = [length for length in tiled.block if length != 1]
    return whole if len(kept) == len(tiled.block) else f"tl.reshape({whole}, {list(tiled.block)})"
