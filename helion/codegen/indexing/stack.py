"""Loads and stores of a stack of tensors as text: pointers to each tensor, moved along by one access of their common shape."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from torch import fx

from helion.codegen.access import Access, PointerBase, indexed_shape, resolve_access
from helion.codegen.indexing.pointer import pointer_load, pointer_store, stored_text
from helion.device_ir.graph_builder import info_of
from helion.types.dtypes import triton_name
from helion.types.types import TensorType

if TYPE_CHECKING:
    from helion.codegen.kernel_body import KernelBody


def emit_stack_load(body: KernelBody, example: fx.Node, pointers: fx.Node, index: Any, extra_mask: Any, eviction_policy: str | None) -> str:
    return pointer_load(body, _access(body, example, pointers, index), extra_mask, eviction_policy)


def emit_stack_store(body: KernelBody, example: fx.Node, pointers: fx.Node, index: Any, value: Any, extra_mask: Any) -> None:
    access = _access(body, example, pointers, index)
    assert access.type.dtype is not None
    pointer_store(body, access, stored_text(body, value, access, access.type.dtype), extra_mask)


def _access(body: KernelBody, example: fx.Node, pointers: fx.Node, index: Any) -> Access:
    """The access of the example with the dims of the pointers before its own."""
    type_, addresses = info_of(example).type, info_of(pointers).type
    assert isinstance(type_, TensorType) and isinstance(addresses, TensorType) and type_.dtype is not None
    inner = resolve_access(body, body.text(example), type_, index, indexed_shape(type_, index))
    lead = len(addresses.dims)
    shape = (*addresses.dims, *inner.shape)
    dims = tuple(replace(dim, result=tuple(position + lead for position in dim.result)) for dim in inner.dims)
    start = body.temporary("tensors", f"{body.text(pointers)}.to(tl.pointer_type({triton_name(type_.dtype)}))")
    own = body.physical_dims(addresses.dims)
    return replace(inner, shape=shape, dims=dims, base=PointerBase(body.expanded(start, own, shape), own))
