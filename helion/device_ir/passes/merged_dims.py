"""Finds which dims a merged dim was made of, in order: only that tells which of its lanes lie beyond a tile."""

from __future__ import annotations

from dataclasses import replace

from torch import fx

from helion.device_ir.graph_builder import info_of
from helion.device_ir.ir import NODE_INFO, DeviceIR
from helion.device_ir.nested import nested_graphs
from helion.ops.dim_groups import dim_groups
from helion.ops.table import OPS
from helion.types.dims import BlockSymbol, Dim
from helion.types.types import TensorType

Merged = dict[Dim, tuple[Dim, ...]]


def find_merged_dims(ir: DeviceIR) -> DeviceIR:
    """Sets `NodeInfo.merged`: reshapes say what they merge, everything else has it from what it is computed from."""
    for grid in ir.grid_loops:
        _mark(ir, grid.graph)
    return ir


def _mark(ir: DeviceIR, graph: int) -> None:
    for node in ir.graphs[graph].graph.nodes:
        if node.op != "call_function":
            continue
        for inner, values in nested_graphs(ir, node):
            for placeholder, value in values.items():
                if isinstance(value, fx.Node):
                    _set(placeholder, dict(info_of(value).merged))
            _mark(ir, inner)
        merged = _inherited(node)
        merged.update(_merges(node))
        _set(node, merged)


def _set(node: fx.Node, merged: Merged) -> None:
    info = info_of(node)
    if merged and isinstance(info.type, TensorType):
        own = {size: parts for size, parts in merged.items() if size in info.type.shape}
        node.meta[NODE_INFO] = replace(info, merged=tuple(own.items()))


def _inherited(node: fx.Node) -> Merged:
    found: Merged = {}
    for source in node.all_input_nodes:
        for size, parts in info_of(source).merged:
            found.setdefault(size, parts)
    return found


def _merges(node: fx.Node) -> Merged:
    op = OPS.find(node.target)
    source, result = node.args[0] if node.args else None, info_of(node).type
    if op is None or not op.regroups or not isinstance(source, fx.Node) or not isinstance(result, TensorType):
        return {}
    type_ = info_of(source).type
    assert isinstance(type_, TensorType)
    known = dict(info_of(source).merged)
    found: Merged = {}
    for group in dim_groups(type_.dims, result.dims):
        if len(group.after) == 1 and len(group.before) > 1:
            size = result.dims[group.after[0]]
            if size.has(BlockSymbol):
                found[size] = tuple(part for i in group.before for part in known.get(type_.dims[i], (type_.dims[i],)))
    return found
