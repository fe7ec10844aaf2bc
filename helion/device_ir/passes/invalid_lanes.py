"""Finds what lanes beyond the tile hold in each value, so that reductions and dots mask only where they must."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Any, cast

import sympy
import torch
from torch import fx
from torch.utils._pytree import tree_map

from helion.device_ir.graph_builder import info_of
from helion.device_ir.ir import CAST, NODE_INFO, DeviceIR
from helion.device_ir.online_sums import upper_bound_subtracted
from helion.device_ir.passes.load_padding import wanted_padding
from helion.device_ir.structure import scalar
from helion.ops.dim_groups import dim_groups
from helion.ops.reductions import reduced_dims
from helion.ops.table import OPS
from helion.types.dims import BlockSymbol, Dim, constant, dim, substitute
from helion.types.types import TensorType


@dataclass(frozen=True)
class Lanes:
    """What lanes outside hold; of those past the ends of `past` alone, where that is given."""

    value: Any
    past: tuple[Dim, ...] | None = None


_ANYTHING = Lanes(None)


def find_invalid_lanes(ir: DeviceIR) -> DeviceIR:
    """Sets `NodeInfo.invalid_lanes` where it can be known: loads give what all that reduces them asks for, or 0, constants themselves,
    pointwise ops on known lanes are evaluated on those lanes by torch."""
    jagged = {axis.block.symbol for site in ir.loop_sites for axis in site.axes if axis.lanes and axis.block is not None}
    for graph in ir.graphs:
        for node in graph.graph.nodes:
            if node.op == "call_function":
                lanes = _lanes_of(node, jagged)
                node.meta[NODE_INFO] = replace(info_of(node), invalid_lanes=lanes.value, known_past=lanes.past)
    return ir


def _lanes_of(node: fx.Node, jagged: Collection[Dim]) -> Lanes:
    if not isinstance(info_of(node).type, TensorType):
        return _ANYTHING
    op = OPS.find(node.target)
    if op is None:
        return _below_all(node, jagged) or _evaluated(node)
    if op.masks is None:
        return _ANYTHING
    if op.masks.result == "propagate":
        first = node.args[0]
        if not isinstance(first, fx.Node) or (op.regroups and _has_new_padding(first, node)):
            return _ANYTHING
        return Lanes(info_of(first).invalid_lanes, info_of(first).known_past)
    if op.masks.result == "value":
        value = node.args[1] if len(node.args) > 1 else None
        return Lanes(value) if isinstance(value, int | float | bool) else _ANYTHING
    return Lanes(wanted_padding(node) if op.accesses == "load" else op.masks.result)


def _below_all(node: fx.Node, jagged: Collection[Dim]) -> Lanes | None:
    """-inf less the greatest value of its row stays -inf. Where that is -inf or NaN, or inf, NaN is in all valid lanes of the row or in
    one, and so in what is made of the row whether it has some in others or not: as long as a row has a valid lane at all, which the rows
    past an end have not, nor those of jagged tiles."""
    top = upper_bound_subtracted(node)
    if top is None or info_of(top.all_input_nodes[0]).invalid_lanes != -math.inf:
        return None
    source = info_of(top.all_input_nodes[0]).type
    assert isinstance(source, TensorType)
    reduced = reduced_dims(len(source.dims), top.args[1] if len(top.args) > 1 else None)
    along = tuple(source.dims[place] for place in reduced)
    if any(source.dims.count(length) > 1 or length in jagged or constant(length) == 0 for length in along):
        return None
    return Lanes(-math.inf, along)


def _has_new_padding(before: fx.Node, after: fx.Node) -> bool:
    """Whether a reshape splits or merges dims that are padded, so that lanes come to hold other elements."""
    source, result = info_of(before).type, info_of(after).type
    assert isinstance(source, TensorType) and isinstance(result, TensorType)
    changed = [group for group in dim_groups(source.dims, result.dims) if not group.is_kept]
    sizes = [*(source.dims[i] for group in changed for i in group.before), *(result.dims[i] for group in changed for i in group.after)]
    return not all(_is_power_of_two(size) for size in sizes)


def _is_power_of_two(size: Dim) -> bool:
    """Whether a size is one, whatever the config: block sizes are."""
    known = constant(substitute(size, {symbol: dim(1) for symbol in size.free_symbols if isinstance(symbol, BlockSymbol)}))
    return known is not None and known > 0 and known & (known - 1) == 0 and not isinstance(size, sympy.Add)


def _evaluated(node: fx.Node) -> Lanes:
    """The op on the lanes that its inputs hold there. An input that lacks one of the result's dims is read at valid places, so it is
    not known."""
    result = info_of(node).type
    assert isinstance(result, TensorType)
    past: tuple[Dim, ...] | None = None
    for source in node.all_input_nodes:
        info = info_of(source)
        if source.target is scalar:
            continue
        if info.invalid_lanes is None or not isinstance(info.type, TensorType) or info.type.shape != result.shape:
            return _ANYTHING
        if info.known_past is not None:
            past = info.known_past if past is None else tuple(length for length in past if length in info.known_past)

    def lane(value: Any) -> Any:
        if not isinstance(value, fx.Node):
            return value
        type_ = info_of(value).type
        if not isinstance(type_, TensorType):
            return value.args[0]
        return torch.tensor(info_of(value).invalid_lanes, dtype=type_.dtype)

    try:
        function = cast("Callable[..., Any]", torch.Tensor.to if node.target is CAST else node.target)  # a `prims` function imports Dynamo
        found = function(*tree_map(lane, node.args), **tree_map(lane, dict(node.kwargs)))
    except (RuntimeError, TypeError, ValueError):
        return _ANYTHING
    if not isinstance(found, torch.Tensor) or found.numel() != 1 or found.is_meta:
        return _ANYTHING
    value = found.item()
    return _ANYTHING if value != value else Lanes(value, past)
