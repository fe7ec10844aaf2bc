"""Nodes of a block that hold a looped `:` dim, split into loops: a reduction ends a loop, later uses load again. Knows no text.

A sum of exponentials less the greatest value is summed in the loop that looks for the greatest: see `device_ir/online_sums.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from torch import fx

from helion.device_ir.graph_builder import info_of
from helion.device_ir.online_sums import online_sums
from helion.device_ir.structure import host_tensor
from helion.ops.operation import Op
from helion.ops.table import OPS
from helion.types.dims import Dim
from helion.types.types import SequenceType, TensorType


@dataclass(frozen=True)
class Phase:
    """`straight` nodes run once, then `looped` nodes run for each chunk; `reductions` among those accumulate over the chunks. Of those that
    are keys of `online` what they sum is not looped: they go by the values that their greatest is looked for among."""

    straight: tuple[fx.Node, ...]
    looped: tuple[fx.Node, ...]
    reductions: tuple[fx.Node, ...]
    online: Mapping[fx.Node, fx.Node]


def _has_effect(node: fx.Node) -> bool:
    op: Op | None = OPS.find(node.target)
    return op is not None and op.has_effect


def holds_chunks(node: fx.Node, extent: Dim) -> bool:
    """Whether a node gives a value with a looped dim, or takes one for its effect."""
    match info_of(node).type:
        case SequenceType(items=items) if items:
            return any(isinstance(item, TensorType) and extent in item.shape for item in items)
        case TensorType(shape=shape) if node.target is not host_tensor:
            return extent in shape
        case _:
            sources = (a for a in node.all_input_nodes if a.target is not host_tensor)
            return any(isinstance(t := info_of(a).type, TensorType) and extent in t.shape for a in sources)


def split_into_phases(nodes: Sequence[fx.Node], extent: Dim) -> tuple[Phase, ...]:
    """The phases, in order. What saves a loop is summed online only where the row is then read once: measured, softmax of rows of 32,768,
    which are read again to be stored, takes 137 µs in three loops and 232 in two."""
    rolled = {node for node in nodes if holds_chunks(node, extent)}
    reductions = {node for node in nodes if node not in rolled and any(source in rolled for source in node.all_input_nodes)}
    online = {total: top for total, top in online_sums(nodes).items() if {total, top} <= reductions}
    phases = _phases(nodes, rolled, reductions, online)
    return phases if sum(bool(phase.looped) for phase in phases) == 1 else _phases(nodes, rolled, reductions, {})


def _phases(
    nodes: Sequence[fx.Node], rolled: set[fx.Node], reductions: set[fx.Node], online: Mapping[fx.Node, fx.Node]
) -> tuple[Phase, ...]:
    """A node's level is the number of loops that must have ended before it can run."""
    inside = set(nodes)
    level: dict[fx.Node, int] = {}
    for node in nodes:
        if node in online:
            level[node] = level[online[node]]
            continue
        inputs = [n for n in node.all_input_nodes if n in inside]
        level[node] = max((level[n] + (n in reductions) for n in inputs), default=0)
    last = max(level.values(), default=0)
    phases: list[Phase] = []
    for current in range(last + 1):
        straight = tuple(n for n in nodes if level[n] == current and n not in rolled and n not in reductions)
        ends = [n for n in nodes if level[n] == current and (n in reductions or (n in rolled and _has_effect(n)))]
        looped = _closure(nodes, ends, rolled, online)
        phases.append(Phase(straight, looped, tuple(n for n in ends if n in reductions), online))
    return tuple(phases)


def _closure(
    nodes: Sequence[fx.Node], ends: Sequence[fx.Node], rolled: set[fx.Node], online: Mapping[fx.Node, fx.Node]
) -> tuple[fx.Node, ...]:
    """The ends of a loop with every rolled node they need, in order."""
    needed = set(ends)
    for node in reversed(nodes):
        if node in needed and node not in online:
            needed.update(source for source in node.all_input_nodes if source in rolled)
    return tuple(n for n in nodes if n in needed)
