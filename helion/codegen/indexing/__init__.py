"""Loads and stores as text, by the strategy the config names for each site; an access that does not qualify uses pointers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from torch import fx

from helion.codegen.indexing.block_pointer import block_pointer_load, block_pointer_store
from helion.codegen.indexing.pointer import padding_of, pointer_load, pointer_store, stored_text
from helion.codegen.indexing.strategy import strategy_of
from helion.codegen.indexing.tensor_descriptor import descriptor_load, descriptor_store
from helion.codegen.indexing.tiled import Refusal, TiledAccess, tiled_access
from helion.device_ir.graph_builder import info_of
from helion.types.types import TensorType

if TYPE_CHECKING:
    from helion.codegen.access import Access
    from helion.codegen.kernel_body import KernelBody


def _tiled(body: KernelBody, access: Access, extra_mask: Any, *, writes: bool) -> tuple[str, TiledAccess | None]:
    strategy = strategy_of(body)
    may_be_made = strategy == "tensor_descriptor" and bool(body.layout.config.get("device_descriptors"))
    tiled = (
        tiled_access(body, access, for_descriptor=strategy != "block_ptr", writes=writes, may_be_made=may_be_made)
        if extra_mask is None
        else Refusal("it has a mask of its own")
    )
    if isinstance(tiled, Refusal):
        if strategy != "pointer" or body.target.has_tensor_descriptor:
            body.writer.decide("access", f"`{access.expression}` moves by pointers, not by the copy engine: {tiled.reason}")
        return "pointer", None
    if strategy == "pointer":
        if body.target.has_tensor_descriptor:
            body.writer.decide("access", f"`{access.expression}` moves by pointers, as the config says; the copy engine could")
        return "pointer", None
    return strategy, tiled


def emit_load(body: KernelBody, access: Access, extra_mask: Any, eviction_policy: str | None) -> str:
    assert body.node is not None
    if info_of(body.node).after_barrier:
        body.statement("tl.debug_barrier()")
    strategy, tiled = _tiled(body, access, extra_mask, writes=False)
    if tiled is None:
        return pointer_load(body, access, extra_mask, eviction_policy)
    load = block_pointer_load if strategy == "block_ptr" else descriptor_load
    text, padding, mask = load(body, access, tiled), padding_of(body), body.mask_of(access.shape)
    return text if mask is None or padding == 0 else f"tl.where({mask}, {text}, {body.literal(padding)})"


def emit_store(body: KernelBody, tensor: fx.Node, index: Any, value: Any, extra_mask: Any) -> None:
    type_ = info_of(tensor).type
    assert isinstance(type_, TensorType) and type_.dtype is not None
    access = body.access(tensor, index, body.stored_shape(tensor, index))
    strategy, tiled = _tiled(body, access, extra_mask, writes=True)
    if tiled is None:
        pointer_store(body, access, stored_text(body, value, access, type_.dtype), extra_mask)
        return
    store = block_pointer_store if strategy == "block_ptr" else descriptor_store
    store(body, access, tiled, stored_text(body, value, access, type_.dtype, is_block=True))
