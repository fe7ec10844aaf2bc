"""Brings a load up to the one before it, past what is computed for each element between them: the second then need not wait for that."""

from __future__ import annotations

from collections.abc import Iterable

from torch import fx

from helion.device_ir.graph_builder import info_of
from helion.device_ir.ir import DeviceIR
from helion.device_ir.structure import EFFECTS
from helion.ops.table import OPS


def bring_loads_forward(ir: DeviceIR) -> DeviceIR:
    """Triton keeps the order of loads and arithmetic, so a program of `f(x[tile]) * y[tile]` would begin to wait for `y` once `f` is done.
    No load goes past a store, a loop, a reduction or a product: what is loaded occupies registers until it is used."""
    for graph in ir.graphs:
        _in_block(graph.graph)
    return ir


def _in_block(graph: fx.Graph) -> None:
    previous: fx.Node | None = None
    since: list[fx.Node] = []
    for node in [n for n in graph.nodes if n.op == "call_function"]:
        if _is_free_load(node):
            needed = _needed(node, since)
            if previous is not None:
                _move_behind(previous, (*needed, node))
            previous, since = node, [passed for passed in since if passed not in needed]
        elif _may_be_passed(node):
            since.append(node)
        else:
            previous, since = None, []


def _move_behind(place: fx.Node, nodes: Iterable[fx.Node]) -> None:
    for node in nodes:
        place.append(node)
        place = node


def _needed(load: fx.Node, since: list[fx.Node]) -> list[fx.Node]:
    """What of the nodes behind the load before a load computes its index, in order."""
    needed: set[fx.Node] = {load}
    for node in reversed(since):
        if needed.intersection(node.users):
            needed.add(node)
    return [node for node in since if node in needed]


def _is_free_load(node: fx.Node) -> bool:
    """Whether an op is a load of what nobody writes to."""
    op = OPS.find(node.target)
    info = info_of(node)
    return op is not None and op.accesses == "load" and not info.after_barrier and not info.is_rewritten


def _may_be_passed(node: fx.Node) -> bool:
    op = OPS.find(node.target)
    if op is None:
        return node.target not in EFFECTS
    return not op.has_effect and not op.draws and op.accesses is None and (op.keeps_position or op.tile_attribute is not None)
