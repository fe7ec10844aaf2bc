"""Collects what ops ask of block sizes: the smallest that tensor cores take, one matrix of a batch at a time, lengths that divide."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import sympy
from torch import fx

from helion.device_ir.graph_builder import info_of
from helion.device_ir.ir import DeviceIR
from helion.ops.operation import BlockLimit, Op
from helion.ops.table import OPS
from helion.target import DEFAULT_TARGET
from helion.types.dims import BlockSymbol, Dim, constant
from helion.types.types import Block, TensorType, Type


def find_limits(ir: DeviceIR) -> DeviceIR:
    """The IR with the minimum and maximum of each block, by its index, the minimum of other sizes, and the M, N, K of its dots."""
    blocks: Mapping[Any, Block] = {block.symbol: block for block in ir.blocks}
    minimums: dict[int, int] = {}
    maximums: dict[int, int] = {}
    lanes: dict[Dim, int] = {}
    dots: list[Any] = []
    for graph in ir.graphs:
        for node in graph.graph.nodes:
            op = OPS.find(node.target) if node.op == "call_function" else None
            limits: list[BlockLimit] = []
            if op is not None and op.requires is not None:
                limits = list(op.requires(DEFAULT_TARGET.minimum_dot, **_bound_types(op, node)))
            if limits:
                dots.append(_dot_dims(limits, node))
            for limit in (*limits, *_divisors(node)):
                block = blocks.get(limit.dim)
                if block is None:
                    lanes[limit.dim] = max(lanes.get(limit.dim, 1), limit.minimum)
                    continue
                minimums[block.index] = max(minimums.get(block.index, 1), limit.minimum)
                if limit.maximum is not None:
                    maximums[block.index] = min(maximums.get(block.index, limit.maximum), limit.maximum)
    return replace(ir, block_minimums=minimums, block_maximums=maximums, size_minimums=lanes, dot_dims=tuple(dots))


def _bound_types(op: Op, node: fx.Node) -> dict[str, Type]:
    """The types of the arguments that are values, by the names they have in the op's rules."""
    assert op.emit is not None
    bound = inspect.signature(op.emit).bind(None, *node.args, **node.kwargs).arguments
    return {name: info_of(arg).type for name, arg in bound.items() if isinstance(arg, fx.Node)}


def _divisors(node: fx.Node) -> Iterator[BlockLimit]:
    """A dim that is a part of a block (`tile.block_size // 2`) has to be there: the block is as long as what divides it."""
    type_ = info_of(node).type if node.op == "call_function" else None
    for size in type_.dims if isinstance(type_, TensorType) else ():
        for part in size.atoms(sympy.floor):
            whole, divisor = sympy.fraction(sympy.together(part.args[0]))
            least = constant(divisor)
            if isinstance(whole, BlockSymbol) and least is not None:
                yield BlockLimit(whole, least)


def _dot_dims(limits: list[BlockLimit], node: fx.Node) -> Any:
    m, n, k = (limit.dim for limit in limits[:3])
    operands = [info_of(a).type for a in node.all_input_nodes]
    left = next(t for t in operands if isinstance(t, TensorType) and t.dims[-2:] == (m, k))
    return (m, n, k, left.dtype)
