"""Loops in, which of them multiply what they compute; a config's unrolled loops of those are left out of a search.

With Triton 3.6 for Hopper some of them read shared memory out of its range, which no process recovers from: `mamba2_chunk_scan` on an H200
by 32 warps with a loop unrolled three times, and by 4 warps with one unrolled twice. Others of the same loops give right results, so a
config that somebody wrote is taken as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from torch import fx

from helion.config.normal_form import range_entries
from helion.device_ir.graph_builder import info_of
from helion.device_ir.ir import DeviceIR
from helion.device_ir.passes.find_sites import program_order
from helion.device_ir.structure import LoopArguments, loop
from helion.ops.table import OPS
from helion.types.types import TensorType


def loops_of_computed_products(ir: DeviceIR) -> frozenset[int]:
    """The entries of the `range_*` lists of loops with a product of something that is neither loaded nor carried."""
    sites = {grid.loop_site for grid in ir.grid_loops if _multiplies(ir, grid.graph)}
    for graph in ir.graphs:
        for node in graph.graph.nodes:
            if node.target is loop:
                arguments = cast("LoopArguments", node.args)
                if _multiplies(ir, arguments[0]):
                    sites.add(arguments[1])
    return frozenset(entry for entry, (site, _) in enumerate(range_entries(ir)) if site.index in sites)


def is_unrolled(entries: frozenset[int], values: Mapping[str, Any]) -> bool:
    """Whether a config in its normal form unrolls one of these loops."""
    factors = values.get("range_unroll_factors", ())
    return any(entry in entries and factor > 1 for entry, factor in enumerate(factors))


def _multiplies(ir: DeviceIR, graph: int) -> bool:
    return any(_is_product(node) and any(map(_is_computed, node.all_input_nodes[:2])) for node in program_order(ir, graph))


def _is_product(node: fx.Node) -> bool:
    op = OPS.find(node.target) if node.op == "call_function" else None
    return op is not None and op.requires is not None


def _is_computed(operand: fx.Node) -> bool:
    while operand.op == "call_function":
        op = OPS.find(operand.target)
        if op is None:
            return isinstance(info_of(operand).type, TensorType)
        if op.masks is None or op.masks.result != "propagate":
            return op.accesses is None
        operand = operand.all_input_nodes[0]
    return False
