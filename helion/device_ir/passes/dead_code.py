"""Removes nodes whose values nobody uses and that have no effect."""

from __future__ import annotations

from torch import fx

from helion.device_ir.ir import DeviceIR
from helion.device_ir.structure import EFFECTS
from helion.ops.table import OPS


def _has_effect(node: fx.Node) -> bool:
    if node.op in ("placeholder", "output") or node.target in EFFECTS:
        return True
    op = OPS.find(node.target)
    return op is not None and op.has_effect


def remove_dead_code(ir: DeviceIR) -> DeviceIR:
    """The graphs are ours alone here (built for this IR), so they are pruned in place."""
    for graph in ir.graphs:
        graph.graph.eliminate_dead_code(is_impure_node=_has_effect)
    return ir
