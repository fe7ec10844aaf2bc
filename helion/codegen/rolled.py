"""Nodes that hold a `:` dim which the config walks in chunks, as loops: one a phase, with accumulators for what is reduced."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from torch import fx

from helion.codegen.axes import AxisText
from helion.codegen.online_reductions import online_accumulators
from helion.codegen.phases import Phase, split_into_phases
from helion.codegen.reductions import rolling_accumulator
from helion.device_ir.graph_builder import info_of
from helion.types.dims import Dim

if TYPE_CHECKING:
    from helion.codegen.kernel_body import KernelBody


def run_rolled(body: KernelBody, nodes: Sequence[fx.Node], extent: Dim) -> None:
    """Write a block's nodes, those that hold the dim inside loops over its chunks."""
    for phase in split_into_phases(nodes, extent):
        body.run_nodes(phase.straight)
        if phase.looped:
            _run_phase(body, phase, extent)


def _run_phase(body: KernelBody, phase: Phase, extent: Dim) -> None:
    online = online_accumulators(body, {node: phase.online[node] for node in phase.reductions if node in phase.online})
    accumulators = {node: online.get(node) or rolling_accumulator(body, node) for node in phase.reductions}
    for accumulator in accumulators.values():
        accumulator.start()
    offset, chunk = body.names.fresh("roffset"), body.chunk(extent)
    body.writer.line(f"for {offset} in tl.range(0, {body.size(extent)}, {chunk}{_stages(body)}):")
    outer, outer_values = body.full_indices.get(extent), dict(body.values)
    with body.writer.indented():
        body.full_indices[extent] = _chunk_index(body, extent, offset, chunk)
        for node in phase.looped:
            if node in accumulators:
                with body.writer.at(info_of(node).span):
                    accumulators[node].step()
            else:
                body.run_node(node)
    body.values = outer_values
    if outer is None:
        del body.full_indices[extent]
    else:
        body.full_indices[extent] = outer
    for node, accumulator in accumulators.items():
        with body.writer.at(info_of(node).span):
            body.node = node
            result = accumulator.finish()
            if isinstance(result, tuple):
                body.parts[node] = result
            else:
                body.values[node] = result


def _stages(body: KernelBody) -> str:
    """How many chunks are on their way: the kernel's stages, unless they are those of dots. Triton pipelines loops without dots only where
    the loop says so."""
    stages: Any = body.layout.config["num_stages"]
    return f", num_stages={stages}" if stages > 1 and not body.ir.dot_dims else ""


def _chunk_index(body: KernelBody, extent: Dim, offset: str, chunk: str) -> AxisText:
    index = body.names.fresh("rindex")
    body.writer.line(f"{index} = {offset} + tl.arange(0, {chunk})")
    mask = None
    if body.layout.is_padded(extent):
        mask = body.names.fresh("rmask")
        body.writer.line(f"{mask} = {index} < {body.size(extent)}")
    return AxisText(None, index, offset, "0", body.size(extent), chunk, mask)
