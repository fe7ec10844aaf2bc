"""A grid loop in, the loop inside that several programs may share out: over tiles, its rounds only write, each somewhere else."""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import fx

from helion.device_ir.graph_builder import info_of
from helion.device_ir.ir import DeviceIR, Graph, GridLoop
from helion.device_ir.nested import nested_graphs
from helion.device_ir.structure import EFFECTS, LoopArguments, index_elements, loop
from helion.ops.table import OPS
from helion.types.types import Axis, TensorType

_SUM: Any = torch.ops.aten.add.Tensor


def shared_walk(ir: DeviceIR, grid_loop: GridLoop) -> int | None:
    """The site of the loop, if there is one such: rows of products of which only memory knows how many there are. One program for all
    of them would keep its multiprocessor busy when those with fewer are done, and read the other operand again for each tile."""
    effects = [node for node in _nodes(ir.graphs[grid_loop.graph]) if _has_effect(node)]
    if len(effects) != 1 or effects[0].target is not loop or any(info_of(node).after_barrier for node in _all_nodes(ir, grid_loop.graph)):
        return None
    graph, site_index, _, _, _, _, carried, _ = cast("LoopArguments", effects[0].args)
    axes = ir.loop_sites[site_index].axes
    if carried or len(axes) != 1 or axes[0].end is not None or axes[0].lanes:
        return None
    block = axes[0].block
    if block is None or all(m != block.symbol for m, *_ in ir.dot_dims):
        return None
    return site_index if _writes_apart(ir, ir.graphs[graph], axes[0]) else None


def _nodes(graph: Graph) -> list[fx.Node]:
    return [node for node in graph.graph.nodes if node.op == "call_function"]


def _all_nodes(ir: DeviceIR, graph: int) -> list[fx.Node]:
    """Those of a graph and of the graphs that it runs."""
    own = _nodes(ir.graphs[graph])
    return own + [inner for node in own for index, _ in nested_graphs(ir, node) for inner in _all_nodes(ir, index)]


def _has_effect(node: fx.Node) -> bool:
    op = OPS.find(node.target)
    return node.target in EFFECTS or (op is not None and op.has_effect)


def _writes_apart(ir: DeviceIR, graph: Graph, axis: Axis) -> bool:
    """Whether all that a round does is stores at its tile's own indices, to tensors that nobody reads."""
    for node in _nodes(graph):
        inside = [inner for index, _ in nested_graphs(ir, node) for inner in _all_nodes(ir, index)]
        if any(_has_effect(inner) and inner.target not in EFFECTS for inner in inside):
            return False
        op = OPS.find(node.target)
        if op is None or not op.has_effect:
            continue
        if op.accesses != "store" or info_of(node).is_rewritten:
            return False
        if not any(_moves_with(element, axis) for element in index_elements(node.args[1])):
            return False
    return True


def _moves_with(element: Any, axis: Axis) -> bool:
    """Whether an index is the tile's, or that and a number that all rounds have."""
    if not isinstance(element, fx.Node):
        return isinstance(element, Axis) and element.index == axis.index
    op = OPS.find(element.target) if element.op == "call_function" else None
    if op is not None:
        return op.tile_attribute == "index" and _moves_with(element.args[0], axis)
    if element.target is not _SUM or element.kwargs:
        return False
    return any(_moves_with(one, axis) and _is_one_number(other) for one, other in (element.args, element.args[::-1]))


def _is_one_number(value: Any) -> bool:
    """Whether a value has no lanes and comes from outside the loop."""
    if not isinstance(value, fx.Node):
        return isinstance(value, int)
    type_ = info_of(value).type
    return value.op == "placeholder" and (not isinstance(type_, TensorType) or not type_.dims)
