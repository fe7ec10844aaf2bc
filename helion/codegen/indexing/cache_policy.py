"""The load or store being written in, what the config says of it and the caches out, as arguments of `tl.load` and `tl.store`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from helion.device_ir.graph_builder import info_of

if TYPE_CHECKING:
    from helion.codegen.kernel_body import KernelBody


def configured_eviction(body: KernelBody) -> str:
    """The config's eviction policy for a load, in Triton's words; empty for none."""
    assert body.node is not None
    site = info_of(body.node).site
    found = body.ir.memory_sites[site] if site is not None else None
    policies: Any = body.layout.config.get("load_eviction_policies", ())
    if found is None or found.load_index is None or found.load_index >= len(policies):
        return ""
    policy = policies[found.load_index]
    return f"evict_{policy}" if policy else ""


def cache_modifier(body: KernelBody) -> str:
    """The config's cache modifier as a further argument; empty for none."""
    assert body.node is not None
    site = info_of(body.node).site
    if site is None:
        return ""
    kind = body.ir.memory_sites[site].kind
    modifiers: Any = body.layout.config.get(f"{kind}_cache_modifiers", ())
    position = sum(s.kind == kind for s in body.ir.memory_sites[:site])
    return f", cache_modifier={modifiers[position]!r}" if position < len(modifiers) and modifiers[position] else ""
