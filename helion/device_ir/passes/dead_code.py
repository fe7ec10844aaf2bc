"""Removes nodes whose values nobody uses and that have no effect, and what loops carry for nobody."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from torch import fx

from helion.device_ir.graph_builder import info_of
from helion.device_ir.ir import NODE_INFO, DeviceIR
from helion.device_ir.structure import EFFECTS, LoopArguments, loop
from helion.ops.table import OPS
from helion.types.types import SequenceType


def _has_effect(node: fx.Node) -> bool:
    if node.op in ("placeholder", "output") or node.target in EFFECTS:
        return True
    op = OPS.find(node.target)
    return op is not None and op.has_effect


def remove_dead_code(ir: DeviceIR) -> DeviceIR:
    """The graphs are ours alone here (built for this IR), so they are pruned in place."""
    changed = True
    while changed:
        for graph in ir.graphs:
            graph.graph.eliminate_dead_code(is_impure_node=_has_effect)
        loops = [node for graph in ir.graphs for node in graph.graph.nodes if node.target is loop]
        changed = any([_drop_carried(ir, node) for node in loops])
    return ir


def _drop_carried(ir: DeviceIR, node: fx.Node) -> bool:
    """Stop carrying what neither a later round nor anything after the loop reads: names that every round assigns before it reads them, and
    that another loop assigns too."""
    graph, site, begins, ends, steps, captured, initial, lane_ends = cast("LoopArguments", node.args)
    body = ir.graphs[graph].graph
    placeholders = [n for n in body.nodes if n.op == "placeholder"][: len(initial)]
    parts: dict[int, list[fx.Node]] = {}
    for user in node.users:
        parts.setdefault(cast("int", user.args[1]), []).append(user)
    kept = [i for i, placeholder in enumerate(placeholders) if placeholder.users or i in parts]
    if len(kept) == len(initial):
        return False
    output = next(n for n in body.nodes if n.op == "output")
    values: Any = output.args[0]
    output.args = (tuple(values[i] for i in kept),)
    for i in set(range(len(initial))) - set(kept):
        body.erase_node(placeholders[i])
    for position, i in enumerate(kept):
        for part in parts.get(i, ()):
            part.args = (node, position)
    node.args = (graph, site, begins, ends, steps, captured, tuple(initial[i] for i in kept), lane_ends)
    info = info_of(node)
    if isinstance(info.type, SequenceType):
        node.meta[NODE_INFO] = replace(info, type=SequenceType(tuple(info.type.items[i] for i in kept)))
    return True
