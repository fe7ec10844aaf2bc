"""Which strategy the config chose for the memory access being written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from helion.device_ir.graph_builder import info_of

if TYPE_CHECKING:
    from helion.codegen.kernel_body import KernelBody


def strategy_of(body: KernelBody) -> str:
    """`pointer`, `block_ptr` or `tensor_descriptor`."""
    assert body.node is not None
    site = info_of(body.node).site
    assert site is not None, "memory sites are numbered before code is generated"
    access = body.ir.memory_sites[site]
    key, position = ("indexing", access.indexing_index) if access.atomic_index is None else ("atomic_indexing", access.atomic_index)
    choices: Any = body.layout.config[key]
    return choices if isinstance(choices, str) else choices[position]
