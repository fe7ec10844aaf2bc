"""A load or store through a tensor descriptor: the bulk tensor copy engine of the hardware moves the rectangle.

The host makes descriptors of whole tensors. Where lanes end before the tensor does, as in groups of rows one behind another, the kernel
makes one that ends there; Triton moves that out of the loops in which nothing changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from helion.codegen.indexing.block_pointer import from_block, to_block

if TYPE_CHECKING:
    from helion.codegen.access import Access
    from helion.codegen.indexing.tiled import TiledAccess
    from helion.codegen.kernel_body import KernelBody


MAKE_DESCRIPTOR = "tl.make_tensor_descriptor"


def descriptor_load(body: KernelBody, access: Access, tiled: TiledAccess) -> str:
    load = f"{_name(body, access, tiled)}.load([{_offsets(tiled)}])"
    return _turned_back(body, access, tiled, load) if tiled.is_turned else from_block(body, access, tiled, load)


def descriptor_store(body: KernelBody, access: Access, tiled: TiledAccess, value: str) -> None:
    block = to_block(body, access, tiled, value)
    turned = f"tl.permute({block}, {list(tiled.order)})" if tiled.is_turned else block
    body.statement(f"{_name(body, access, tiled)}.store([{_offsets(tiled)}], {turned})")


def _name(body: KernelBody, access: Access, tiled: TiledAccess) -> str:
    block = tuple(tiled.block[dim] for dim in tiled.order)
    if tiled.limits:
        tensor = body.arguments.tensor(access.expression, access.type)
        sizes = ", ".join(tiled.limits.get(dim) or body.size(access.dims[dim].size) for dim in tiled.order)
        strides = ", ".join(access.dims[dim].stride for dim in tiled.order)
        made = f"{MAKE_DESCRIPTOR}({tensor}, [{sizes}], [{strides}], {list(block)})"
        return body.temporary(f"{access.expression}_desc", made)
    return body.arguments.descriptor(access.expression, access.type, block, tiled.order if tiled.is_turned else None)


def _offsets(tiled: TiledAccess) -> str:
    return ", ".join(tiled.offsets[dim] for dim in tiled.order)


def _turned_back(body: KernelBody, access: Access, tiled: TiledAccess, text: str) -> str:
    """A block whose dims are in the descriptor's order as a value's physical shape: without the dims of length 1, then in their order."""
    kept = [dim for dim in tiled.order if tiled.block[dim] != 1]
    if len(kept) < len(tiled.block):
        text = f"tl.reshape({text}, [{', '.join(body.dim(access.shape[access.dims[dim].result[0]]) for dim in kept)}])"
    places = [kept.index(dim) for dim in sorted(kept)]
    return text if places == sorted(places) else f"tl.permute({text}, {places})"
