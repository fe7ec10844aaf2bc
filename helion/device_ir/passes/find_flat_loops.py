"""Which loops over several tiles may run as one loop over the product of their extents: those whose values lie flat in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import fx
from torch.utils._pytree import tree_leaves

from helion.device_ir.graph_builder import info_of
from helion.device_ir.ir import DeviceIR, LoopSite
from helion.device_ir.structure import EFFECTS, element, host_number, host_tensor, index_elements, scalar
from helion.ops.reductions import kind_of
from helion.ops.table import OPS
from helion.types.dims import Dim
from helion.types.types import Axis, Region, TensorType, Type

_INDIFFERENT = (host_tensor, host_number, scalar, element, *EFFECTS)


def find_flat_loops(ir: DeviceIR) -> DeviceIR:
    """The IR with `can_flatten` of each loop site decided."""
    sites = tuple(replace(site, can_flatten=_can_flatten(ir, site)) for site in ir.loop_sites)
    return replace(ir, loop_sites=sites)


def _can_flatten(ir: DeviceIR, site: LoopSite) -> bool:
    if len(site.axes) < 2 or not all(_is_plain(ir, axis) for axis in site.axes):
        return False
    return all(_stays_flat(node, site.axes) for node in _nodes(ir))


def _is_plain(ir: DeviceIR, axis: Axis) -> bool:
    """A tile of a tuned size of its own that begins at 0 and ends where the host says."""
    shared = sum(other.block == axis.block for other in ir.kernel.axes) > 1
    return axis.block is not None and axis.block.entry is not None and not shared and axis.begin == 0 and axis.end is not None


def _nodes(ir: DeviceIR) -> Iterator[fx.Node]:
    for graph in ir.graphs:
        yield from (node for node in graph.graph.nodes if node.op != "output")


def _symbols(axes: Sequence[Axis]) -> list[Dim]:
    return [axis.block.symbol for axis in axes if axis.block is not None]


def _stays_flat(node: fx.Node, axes: Sequence[Axis]) -> bool:
    """Whether a node does with the tiles nothing but load, store and compute element by element on all of them at once."""
    if not _is_flat_value(info_of(node).type, axes):
        return False
    if node.op == "placeholder" or node.target in _INDIFFERENT:
        return True
    op = OPS.find(node.target)
    if op is not None and op.accesses in ("load", "store"):
        return _is_flat_access(node, axes)
    symbols = set(_symbols(axes))
    named = any(value in axes if isinstance(value, Axis) else _mentions(value, symbols) for value in tree_leaves((node.args, node.kwargs)))
    if op is None:
        return not named
    takes = any(_mentions_in_type(info_of(source).type, symbols) for source in node.all_input_nodes)
    gives = _mentions_in_type(info_of(node).type, symbols)
    if kind_of(node.target) is not None or not op.keeps_position:
        return not (named or takes or gives)
    return True


def _mentions(value: Any, symbols: set[Dim]) -> bool:
    return isinstance(value, Dim) and bool(value.free_symbols & symbols)


def _mentions_in_type(type_: Type, symbols: set[Dim]) -> bool:
    return isinstance(type_, TensorType) and type_.region is Region.DEVICE and any(_mentions(size, symbols) for size in type_.shape)


def _is_flat_value(type_: Type, axes: Sequence[Axis]) -> bool:
    """Whether a value has all of the tiles as neighbouring dims in order, or none of them."""
    symbols = _symbols(axes)
    if not _mentions_in_type(type_, set(symbols)):
        return True
    assert isinstance(type_, TensorType)
    dims = list(type_.dims)
    if symbols[0] not in dims:
        return False
    first = dims.index(symbols[0])
    rest = [*dims[:first], *dims[first + len(symbols) :]]
    return dims[first : first + len(symbols)] == symbols and not any(_mentions(size, set(symbols)) for size in rest)


def _is_flat_access(node: fx.Node, axes: Sequence[Axis]) -> bool:
    """Whether an access walks memory in the order of the flat loop: the tiles are neighbours in it, and so are its elements."""
    tensor: Any = node.args[0]
    elements = index_elements(node.args[1])
    used = [position for position, item in enumerate(elements) if isinstance(item, Axis) and item in axes]
    if not used:
        return True
    if any(item is None or item is Ellipsis for item in elements) or used != list(range(used[0], used[0] + len(axes))):
        return False
    type_ = info_of(tensor).type
    assert isinstance(type_, TensorType)
    if [elements[position] for position in used] != list(axes) or type_.stride is None or type_.dtype == torch.bool:
        return False
    if any(type_.dims[position] != axis.end for position, axis in zip(used, axes, strict=True)):
        return False
    return all(type_.stride[p] == type_.stride[p + 1] * type_.dims[p + 1] for p in used[:-1])
