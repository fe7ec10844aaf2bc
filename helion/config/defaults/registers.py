"""How many registers of a thread the loads of a kernel with dots take under given block sizes, where no copy brings them to shared
memory."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from sympy import Integer
from torch import fx

from helion.config.defaults.growth import elements_along_memory
from helion.device_ir.graph_builder import info_of
from helion.device_ir.ir import DeviceIR, Graph
from helion.integers import next_power_of_2
from helion.ops.table import OPS
from helion.types.dims import Dim, substitute
from helion.types.types import TensorType

_GRID = "grid"
# Its value and its place.
_OF_AN_ELEMENT_APART = 2
# Of products one behind the other: the loads of the next two are issued before the sums of the first are there.
_LOADS_IN_FLIGHT = 3
_BYTES = 4


def scattered_registers(ir: DeviceIR, lengths: Mapping[Dim, int], threads: int) -> int:
    """Those of tiles that a loop loads element by element, since none of their neighbours are neighbours in memory."""
    held = [_elements(ir, node, lengths) for graph in ir.graphs if graph.kind != _GRID for node in _loads(graph) if _lies_apart(node)]
    return sum(sorted(held)[-_LOADS_IN_FLIGHT:]) * _OF_AN_ELEMENT_APART // threads


def registers_of_chain(ir: DeviceIR, lengths: Mapping[Dim, int], stages: int, threads: int) -> int:
    """Those of the loop that takes most: of the results of its products, of what it loads a stage, and of what is loaded before it."""
    before = sum(_bytes(ir, graph, lengths) for graph in ir.graphs if graph.kind == _GRID)
    loops = (_bytes(ir, graph, lengths) * stages + _results(ir, graph, lengths) for graph in ir.graphs if graph.kind != _GRID)
    return (before + max(loops, default=0)) // _BYTES // threads


def _bytes(ir: DeviceIR, graph: Graph, lengths: Mapping[Dim, int]) -> int:
    types = {node: info_of(node).type for node in _loads(graph)}
    sizes = {node: type_.dtype.itemsize for node, type_ in types.items() if isinstance(type_, TensorType) and type_.dtype is not None}
    return sum(_elements(ir, node, lengths) * itemsize for node, itemsize in sizes.items())


def _results(ir: DeviceIR, graph: Graph, lengths: Mapping[Dim, int]) -> int:
    products = (node for node in graph.graph.nodes if (op := OPS.find(node.target)) is not None and op.requires is not None)
    return sum(_elements(ir, node, lengths) for node in products) * _BYTES


def _loads(graph: Graph) -> Iterable[fx.Node]:
    return (node for node in graph.graph.nodes if (op := OPS.find(node.target)) is not None and op.accesses == "load")


def _lies_apart(load: fx.Node) -> bool:
    """Whether the dim along which elements are neighbours has one place."""
    return all(_is_one_place(element) for element in elements_along_memory(load))


def _is_one_place(element: object) -> bool:
    if isinstance(element, fx.Node):
        type_ = info_of(element).type
        return not (isinstance(type_, TensorType) and type_.dims)
    return isinstance(element, int | Dim)


def _elements(ir: DeviceIR, node: fx.Node, lengths: Mapping[Dim, int]) -> int:
    """Of a tile; vectors and numbers count as none."""
    type_ = info_of(node).type
    if not isinstance(type_, TensorType):
        return 0
    numbers = {symbol: Integer(length) for symbol, length in lengths.items()}
    sides = [next_power_of_2(ir.hint(substitute(dim, numbers))) for dim in type_.dims]
    return math.prod(sides) if sum(side > 1 for side in sides) > 1 else 0
