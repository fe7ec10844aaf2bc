"""A grid loop in, the end of its body that works on every column of a tile alone out: what may run on a few columns at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from torch import fx
from torch.utils._pytree import tree_leaves

from helion.device_ir.graph_builder import info_of
from helion.device_ir.ir import DeviceIR, GridLoop
from helion.device_ir.structure import EFFECTS, STRUCTURE, index_elements, loop
from helion.ops.operation import Op
from helion.ops.table import OPS
from helion.types.dims import Dim
from helion.types.types import Axis, Region, TensorType


@dataclass(frozen=True)
class Epilogue:
    """`nodes` end with the stores and work on the lanes of `axis` one by one; `inputs` are the values with that dim that they start
    from, in order."""

    axis: Axis
    nodes: tuple[fx.Node, ...]
    inputs: tuple[fx.Node, ...]


def find_epilogue(ir: DeviceIR, grid_loop: GridLoop) -> Epilogue | None:
    """What follows the loops of a grid loop with dots along its innermost tile that all stores have; None where there is no such tile, or
    where running that in parts could be seen."""
    # By its index: of the IR of one grid loop alone, graphs have other positions.
    graph = next(graph for graph in ir.graphs if graph.index == grid_loop.graph)
    nodes = [node for node in graph.graph.nodes if node.op == "call_function"]
    effects = [node for node in nodes if _has_effect(node)]
    if not ir.dot_dims or not effects or not any(node.target is loop for node in nodes):
        return None
    late = nodes[nodes.index(effects[0]) :]
    if any(node.target in EFFECTS for node in late) or any(info_of(node).after_barrier for node in nodes):
        return None
    return next((found for axis in reversed(grid_loop.axes) if (found := _along(axis, nodes, effects)) is not None), None)


def _op_of(node: fx.Node) -> Op | None:
    return OPS.find(node.target)


def _has_effect(node: fx.Node) -> bool:
    op = _op_of(node)
    return op is not None and (op.has_effect or op.accesses in ("store", "atomic"))


def _along(axis: Axis, nodes: list[fx.Node], effects: list[fx.Node]) -> Epilogue | None:
    if axis.block is None or not all(_writes_once(node, axis) for node in effects):
        return None
    symbol = axis.block.symbol
    members = set(effects)
    for node in reversed(nodes):
        if node.users and members.issuperset(node.users) and _is_by_lane(node, axis, symbol):
            members.add(node)
    sources = {source for node in members for source in node.all_input_nodes} - members
    inputs = tuple(node for node in nodes if node in sources and _mentions(node, symbol))
    if not inputs or not all(_has_lanes(node, symbol) for node in inputs):
        return None
    return Epilogue(axis, tuple(node for node in nodes if node in members), inputs)


def _writes_once(node: fx.Node, axis: Axis) -> bool:
    """Whether an effect is a store, or an atomic whose result nobody reads, at the lanes of the tile."""
    op = _op_of(node)
    assert op is not None
    return op.accesses in ("store", "atomic") and not node.users and _is_at_lanes(node, axis)


def _is_at_lanes(node: fx.Node, axis: Axis) -> bool:
    elements = index_elements(node.args[1])
    others = [element for element in elements if element is not axis]
    assert axis.block is not None
    named = any(isinstance(leaf, Dim) and axis.block.symbol in leaf.free_symbols for leaf in tree_leaves(others))
    lanes = [leaf for leaf in tree_leaves(others) if isinstance(leaf, fx.Node) and _mentions(leaf, axis.block.symbol)]
    return sum(element is axis or element == axis for element in elements) == 1 and not named and not lanes


def _is_by_lane(node: fx.Node, axis: Axis, symbol: Dim) -> bool:
    if node.target in STRUCTURE or not _has_lanes(node, symbol):
        return False
    op = _op_of(node)
    if op is None:
        return not any(isinstance(leaf, Dim) and symbol in leaf.free_symbols for leaf in tree_leaves((node.args, node.kwargs)))
    if op.accesses == "load":
        return _is_at_lanes(node, axis) and not info_of(node).is_rewritten
    return op.keeps_position


def _mentions(node: fx.Node, symbol: Dim) -> bool:
    type_: Any = info_of(node).type
    is_value = isinstance(type_, TensorType) and type_.region is Region.DEVICE
    return is_value and any(symbol in size.free_symbols for size in type_.dims)


def _has_lanes(node: fx.Node, symbol: Dim) -> bool:
    """Whether a value has the tile as exactly one of its dims."""
    type_ = info_of(node).type
    if not isinstance(type_, TensorType) or type_.region is not Region.DEVICE:
        return False
    return [size for size in type_.dims if symbol in size.free_symbols] == [symbol]
