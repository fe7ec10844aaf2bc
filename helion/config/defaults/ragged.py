"""Tiles of rows that end elsewhere each: what the rows have in common is a loop that runs as long as the longest of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from torch import fx

from helion.device_ir.graph_builder import info_of
from helion.device_ir.ir import DeviceIR
from helion.device_ir.structure import LoopArguments, loop
from helion.types.dims import Dim
from helion.types.types import Block, Region, TensorType


def ragged_blocks(ir: DeviceIR) -> frozenset[Block]:
    """The blocks whose lanes an inner loop takes its end from, by a reduction or as a jagged tile: more than one such lane a program
    means rounds in which the shorter ones have nothing to do."""
    sizes = {size for graph in ir.graphs for node in graph.graph.nodes if node.target is loop for size in _lanes(node)}
    return frozenset(block for block in ir.blocks if block.symbol in sizes)


def _lanes(node: fx.Node) -> Iterator[Dim]:
    _, _, begins, ends, _, _, _, lane_ends = cast("LoopArguments", node.args)
    for bound in (*begins, *ends):
        if isinstance(bound, fx.Node):
            yield from _reduced(bound)
    for ends_of_lanes in lane_ends:
        if isinstance(ends_of_lanes, fx.Node):
            yield from _device_dims(ends_of_lanes)


def _reduced(scalar: fx.Node) -> Iterator[Dim]:
    """The dims of what a scalar was computed from, where those still had some."""
    for source in scalar.all_input_nodes:
        dims = _device_dims(source)
        yield from dims or (_reduced(source) if source.op == "call_function" else ())


def _device_dims(node: fx.Node) -> tuple[Dim, ...]:
    type_ = info_of(node).type
    return type_.dims if isinstance(type_, TensorType) and type_.region is Region.DEVICE else ()
