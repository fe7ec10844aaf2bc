"""Whether a kernel draws from torch's generator: then each launch gives other numbers, and eager torch others still."""

from __future__ import annotations

from helion.device_ir.ir import DeviceIR
from helion.ops.table import OPS


def draws_numbers(ir: DeviceIR) -> bool:
    """Whether any node's results depend on torch's generator."""
    nodes = (node for graph in ir.graphs for node in graph.graph.nodes if node.op == "call_function")
    return any(op is not None and op.draws for op in (OPS.find(node.target) for node in nodes))
