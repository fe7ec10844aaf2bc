"""A grid loop under blocks of given sizes in, the order of its axes out in which programs that run at a time load most of the same."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from sympy import Integer
from torch import fx

from helion.device_ir.graph_builder import info_of
from helion.device_ir.ir import DeviceIR, GridLoop
from helion.device_ir.nested import nested_graphs
from helion.device_ir.structure import scalar, size
from helion.ops.table import OPS
from helion.types import operators as operator
from helion.types.dims import Dim, substitute
from helion.types.types import Axis, TensorType
from helion.types.untyped import is_sequence


def shared_order(ir: DeviceIR, grid_loop: GridLoop, lengths: Mapping[Dim, int]) -> list[int]:
    """The positions of the axes, outermost first. The inmost is the one along which a program finds most bytes, in the mean, that a
    neighbour loaded; axes alike stay as they are."""
    loads = list(_loads(ir, grid_loop.graph, {}))

    def found(position: int) -> Fraction:
        axis = grid_loop.axes[position]
        same = sum(_bytes(ir, load, lengths) for load, moves in loads if axis.index not in moves)
        return same * (1 - Fraction(1, _tiles(ir, axis, lengths)))

    return sorted(range(len(grid_loop.axes)), key=found)


def _tiles(ir: DeviceIR, axis: Axis, lengths: Mapping[Dim, int]) -> int:
    length = 1 if axis.block is None else lengths.get(axis.block.symbol, 1)
    return 1 if axis.end is None else max(1, -(-ir.hint(axis.end) // length))


def _loads(ir: DeviceIR, graph: int, outer: Mapping[fx.Node, Any]) -> Iterator[tuple[fx.Node, frozenset[int]]]:
    """The loads of a graph and of the graphs that it runs, each with the axes, by index, along which each program loads something else."""
    for node in ir.graphs[graph].graph.nodes:
        op = OPS.find(node.target) if node.op == "call_function" else None
        if op is not None and op.accesses == "load":
            yield node, _moving(ir, node.args[1:], outer)
        for inner, values in nested_graphs(ir, node):
            yield from _loads(ir, inner, {**outer, **values})


def _moving(ir: DeviceIR, value: Any, outer: Mapping[fx.Node, Any]) -> frozenset[int]:
    """The axes that a value depends on. A quotient, which several programs have in common, is taken to be the same for all."""
    if isinstance(value, fx.Node) and value in outer:
        return _moving(ir, outer[value], outer)
    if isinstance(value, Axis):
        return frozenset((value.index,))
    if is_sequence(value):
        return frozenset[int]().union(*(_moving(ir, item, outer) for item in value))
    if not isinstance(value, fx.Node) or value.op != "call_function":
        return frozenset()
    if value.target is operator.floordiv and _number(ir, value.args[1], outer) != 1:
        return frozenset()
    return _moving(ir, value.args, outer)


def _number(ir: DeviceIR, value: Any, outer: Mapping[fx.Node, Any]) -> int | None:
    """A number that is the same in every program; None for others."""
    if isinstance(value, fx.Node) and value in outer:
        return _number(ir, outer[value], outer)
    if isinstance(value, fx.Node):
        return _number(ir, value.args[0], outer) if value.target in (size, scalar) else None
    return ir.hint(value) if isinstance(value, Dim) else value if isinstance(value, int) else None


def _bytes(ir: DeviceIR, load: fx.Node, lengths: Mapping[Dim, int]) -> int:
    type_ = info_of(load).type
    if not isinstance(type_, TensorType):
        return 0
    numbers = {symbol: Integer(length) for symbol, length in lengths.items()}
    return math.prod(ir.hint(substitute(dim, numbers)) for dim in type_.dims) * (2 if type_.dtype is None else type_.dtype.itemsize)
