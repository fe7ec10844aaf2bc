"""A load or store through a host tensor descriptor: the bulk tensor copy engine of the hardware moves the rectangle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helion.codegen.indexing.block_pointer import from_block, to_block

if TYPE_CHECKING:
    from helion.codegen.access import Access
    from helion.codegen.indexing.tiled import TiledAccess
    from helion.codegen.kernel_body import KernelBody


def descriptor_load(body: KernelBody, access: Access, tiled: TiledAccess) -> str:
    name = body.arguments.descriptor(access.expression, access.type, tiled.block)
    return from_block(body, access, tiled, f"{name}.load([{', '.join(tiled.offsets)}])")


def descriptor_store(body: KernelBody, access: Access, tiled: TiledAccess, value: str) -> None:
    name = body.arguments.descriptor(access.expression, access.type, tiled.block)
    body.statement(f"{name}.store([{', '.join(tiled.offsets)}], {to_block(body, access, tiled, value)})")
