"""Finds what lanes beyond the tile hold in each value, so that reductions and dots mask only where they must."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import sympy
import torch
from torch import fx
from torch.utils._pytree import tree_map

from helion.device_ir.graph_builder import info_of
from helion.device_ir.ir import NODE_INFO, DeviceIR
from helion.device_ir.structure import scalar
from helion.ops.dim_groups import dim_groups
from helion.ops.table import OPS
from helion.types.dims import BlockSymbol, Dim, constant, dim, substitute
from helion.types.types import TensorType


def find_invalid_lanes(ir: DeviceIR) -> DeviceIR:
    """Sets `NodeInfo.invalid_lanes` where it can be known: loads give 0, constants themselves, pointwise ops on known lanes are
    evaluated on those lanes by torch."""
    for graph in ir.graphs:
        for node in graph.graph.nodes:
            if node.op == "call_function":
                node.meta[NODE_INFO] = replace(info_of(node), invalid_lanes=_lanes_of(node))
    return ir


def _lanes_of(node: fx.Node) -> Any:
    if not isinstance(info_of(node).type, TensorType):
        return None
    op = OPS.find(node.target)
    if op is None:
        return _evaluated(node)
    if op.masks is None:
        return None
    if op.masks.result == "propagate":
        first = node.args[0]
        return info_of(first).invalid_lanes if isinstance(first, fx.Node) and not (op.regroups and _has_new_padding(first, node)) else None
    if op.masks.result == "value":
        value = node.args[1] if len(node.args) > 1 else None
        return value if isinstance(value, int | float | bool) else None
    return op.masks.result


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


def _evaluated(node: fx.Node) -> Any:
    """The op on the lanes that its inputs hold there. An input that lacks one of the result's dims is read at valid places, so it is
    not known."""
    result = info_of(node).type
    assert isinstance(result, TensorType)
    for source in node.all_input_nodes:
        info = info_of(source)
        if source.target is scalar:
            continue
        if info.invalid_lanes is None or not isinstance(info.type, TensorType) or info.type.shape != result.shape:
            return None

    def lane(value: Any) -> Any:
        if not isinstance(value, fx.Node):
            return value
        type_ = info_of(value).type
        if not isinstance(type_, TensorType):
            return value.args[0]
        return torch.tensor(info_of(value).invalid_lanes, dtype=type_.dtype)

    try:
        function = cast("Callable[..., Any]", node.target)
        found = function(*tree_map(lane, node.args), **tree_map(lane, dict(node.kwargs)))
    except (RuntimeError, TypeError, ValueError):
        return None
    if not isinstance(found, torch.Tensor) or found.numel() != 1 or found.is_meta:
        return None
    value = found.item()
    return None if value != value else value
