"""Loops that sum up, and those that read what an earlier one summed up, in; whether a config unrolls one where Triton cannot, out.

Triton (up to 3.7) keeps sums of a loop in each thread, and takes a round to add once and their result to be read once; a loop that is
unrolled does either several times. It does so where a round's value has fewer elements than the program has threads.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from torch import fx

from helion.config.joint_limits import block_lengths
from helion.config.normal_form import range_entries
from helion.device_ir.graph_builder import info_of
from helion.device_ir.ir import DeviceIR
from helion.device_ir.passes.find_sites import program_order
from helion.device_ir.structure import LoopArguments, element, loop
from helion.integers import next_power_of_2
from helion.ops.table import OPS
from helion.types.dims import Dim, constant
from helion.types.types import TensorType


@dataclass(frozen=True)
class Reader:
    """A loop that sums up or reads sums: its entries in the `range_*` lists, and the shapes of the matrices of the summing one's rounds."""

    entries: tuple[int, ...]
    shapes: frozenset[tuple[Dim, ...]]


def readers(ir: DeviceIR) -> tuple[Reader, ...]:
    """Every such loop of a kernel."""
    return tuple(_readers(ir))


def _readers(ir: DeviceIR) -> Iterator[Reader]:
    for graph in ir.graphs:
        for node in graph.graph.nodes:
            if node.target is not loop:
                continue
            arguments = cast("LoopArguments", node.args)
            entries = tuple(e for e, (site, _) in enumerate(range_entries(ir)) if site.index == arguments[1])
            if arguments[6]:
                yield Reader(entries, _matrices(ir, node))
            for value in arguments[5]:
                if isinstance(value, fx.Node) and value.target is element and value.all_input_nodes[0].target is loop:
                    yield Reader(entries, _matrices(ir, value.all_input_nodes[0]))


def _matrices(ir: DeviceIR, other: fx.Node) -> frozenset[tuple[Dim, ...]]:
    """None of a loop whose rounds add no elements of a value to one another."""
    graph = cast("LoopArguments", other.args)[0]
    if not any(_puts_together(node) for node in program_order(ir, graph)):
        return frozenset()
    types = (info_of(node).type for node in ir.graphs[graph].graph.nodes if node.op == "call_function")
    return frozenset(t.dims for t in types if isinstance(t, TensorType) and len(t.dims) > 1)


def _puts_together(node: fx.Node) -> bool:
    op = OPS.find(node.target) if node.op == "call_function" else None
    return op is not None and not (op.keeps_position or op.regroups or op.accesses)


def unrolled_reader(ir: DeviceIR, found: tuple[Reader, ...], threads: int, values: Mapping[str, Any]) -> int | None:
    """The entry of `range_unroll_factors` that must not be more than 1; None when there is no such."""
    factors = values.get("range_unroll_factors", ())
    lengths = block_lengths(ir, values)
    for reader in found:
        entry = next((e for e in reader.entries if e < len(factors) and factors[e] > 1), None)
        if entry is not None and any(_elements(shape, lengths) < threads for shape in reader.shapes):
            return entry
    return None


def _elements(shape: tuple[Dim, ...], lengths: Mapping[Dim, int]) -> float:
    """Infinitely many where a length is not known; so are those of a vector, which no thread holds a row of."""
    known = [lengths.get(size, next_power_of_2(number) if (number := constant(size)) is not None else math.inf) for size in shape]
    return math.prod(known) if sum(length > 1 for length in known) > 1 else math.inf
