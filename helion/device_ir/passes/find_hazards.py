"""Finds loads of what the same program may have stored: other threads stored it, so they must have come that far."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from torch import fx

from helion.device_ir.graph_builder import info_of
from helion.device_ir.ir import NODE_INFO, DeviceIR
from helion.device_ir.nested import nested_graphs
from helion.device_ir.structure import branch, host_tensor
from helion.ops.table import OPS

# The host expression that yields each tensor, by the node that stands for it.
Tensors = dict[Any, str]


def find_hazards(ir: DeviceIR) -> DeviceIR:
    """Sets `NodeInfo.after_barrier` on loads that must wait, and `NodeInfo.is_rewritten` on accesses to tensors that are both read and
    written: the copy engine's view of those is not that of plain loads and stores."""
    hazards = _Hazards(ir)
    for grid in ir.grid_loops:
        hazards.visit(grid.graph, {}, set())
    both = hazards.read & hazards.written
    for node, tensor in hazards.accesses:
        if tensor in both:
            node.meta[NODE_INFO] = replace(info_of(node), is_rewritten=True)
    return ir


@dataclass
class _Hazards:
    """What has been seen of a kernel's accesses."""

    ir: DeviceIR
    read: set[str] = field(default_factory=set[str])
    written: set[str] = field(default_factory=set[str])
    accesses: list[tuple[fx.Node, str]] = field(default_factory=list[tuple[fx.Node, str]])

    def visit(self, graph: int, tensors: Tensors, pending: set[str]) -> set[str]:
        """Walk a graph with the tensors stored to since the last barrier; gives them as they are at its end."""
        tensors = dict(tensors)
        for node in self.ir.graphs[graph].graph.nodes:
            if node.target is host_tensor:
                tensors[node] = str(node.args[0])
                continue
            inner = list(_inner(self.ir, node, tensors))
            if inner:
                pending = self._visit_inner(node, inner, pending)
                continue
            op = OPS.find(node.target) if node.op == "call_function" else None
            if op is not None and op.accesses is not None and node.args[0] in tensors:
                pending = self._access(node, tensors[node.args[0]], op.accesses, pending)
        return pending

    def _visit_inner(self, node: fx.Node, inner: list[tuple[int, Tensors]], pending: set[str]) -> set[str]:
        """Branches start with what is pending; what repeats starts also with what an iteration before it stored."""
        if node.target is not branch:
            pending = pending.union(*(_written_in(self.ir, graph, tensors) for graph, tensors in inner))
        return pending.union(*(self.visit(graph, tensors, pending) for graph, tensors in inner))

    def _access(self, node: fx.Node, tensor: str, kind: str, pending: set[str]) -> set[str]:
        self.accesses.append((node, tensor))
        if kind != "load":
            self.written.add(tensor)
            return pending | {tensor}
        self.read.add(tensor)
        if tensor not in pending:
            return pending
        node.meta[NODE_INFO] = replace(info_of(node), after_barrier=True)
        return set()


def _inner(ir: DeviceIR, node: fx.Node, tensors: Tensors) -> Iterator[tuple[int, Tensors]]:
    for graph, values in nested_graphs(ir, node):
        yield graph, {placeholder: tensors[value] for placeholder, value in values.items() if value in tensors}


def _written_in(ir: DeviceIR, graph: int, tensors: Tensors) -> set[str]:
    written: set[str] = set()
    for node in ir.graphs[graph].graph.nodes:
        for inner, inside in _inner(ir, node, tensors):
            written |= _written_in(ir, inner, inside)
        op = OPS.find(node.target) if node.op == "call_function" else None
        if op is not None and op.accesses in ("store", "atomic") and node.args[0] in tensors:
            written.add(tensors[node.args[0]])
    return written
