"""Nodes of a block in, the sums of exponentials less the greatest out: what a walk can sum while it still looks for the greatest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import fx

from helion.device_ir.graph_builder import info_of
from helion.ops.reductions import kind_of, reduced_dims
from helion.ops.table import OPS
from helion.types.dims import dim
from helion.types.types import TensorType

_ATEN: Any = torch.ops.aten
BYTES_OF_A_LOAD = 16
EXPONENTIALS: Mapping[Any, str] = {_ATEN.exp.default: "exp", _ATEN.exp2.default: "exp2"}


def online_sums(nodes: Iterable[fx.Node]) -> dict[fx.Node, fx.Node]:
    """For each `sum(exp(x - amax(x)))`, or with `exp2`, in float32 the node of its `amax`, along the same dims; of one `amax` one sum."""
    found = {top: node for node in reversed(list(nodes)) if (top := _greatest_of(node)) is not None}
    return {total: top for top, total in found.items()}


def exponential_of(total: fx.Node) -> str:
    """`exp` or `exp2`: the function whose values an online sum adds."""
    exponential = total.args[0]
    assert isinstance(exponential, fx.Node)
    return EXPONENTIALS[exponential.target]


def neighbours(total: fx.Node) -> int:
    """How many elements of a row a thread loads at once for an online sum: 16 bytes of the widest that the summed values are made of."""
    seen: set[fx.Node] = set()
    pending = list(total.all_input_nodes)
    widest = 1
    while pending:
        node = pending.pop()
        op = OPS.find(node.target) if node.op == "call_function" else None
        type_ = info_of(node).type
        if op is not None and op.accesses is not None and isinstance(type_, TensorType) and type_.dtype is not None:
            widest = max(widest, type_.dtype.itemsize)
        elif node not in seen:
            seen.add(node)
            pending.extend(node.all_input_nodes)
    return BYTES_OF_A_LOAD // widest


def greatest_subtracted(difference: fx.Node) -> fx.Node | None:
    """The `amax` of `x - amax(x)`, along whichever dims, where it is spread over what it is the greatest of; None for what is none."""
    if difference.target is not _ATEN.sub.Tensor or difference.kwargs:
        return None
    values, subtracted = difference.args
    top = _without_views(subtracted)
    if top is None or not isinstance(values, fx.Node) or top.args[0] is not values:
        return None
    return top if _is_spread_over(subtracted, values, _dims(top)) else None


def upper_bound_subtracted(difference: fx.Node) -> fx.Node | None:
    """As `greatest_subtracted`, and also that of `x - maximum(y, amax(x))`, as it is where `x` is a part of what `y` is of."""
    if difference.target is not _ATEN.sub.Tensor or difference.kwargs:
        return None
    values, subtracted = difference.args
    joined = _viewed(subtracted)
    if joined is None or joined.target is not _ATEN.maximum.default or not isinstance(values, fx.Node):
        return greatest_subtracted(difference)
    tops = (_without_views(part) for part in joined.args)
    top = next((top for top in tops if top is not None and top.args[0] is values), None)
    return top if top is not None and _is_spread_over(subtracted, values, _dims(top)) else None


def _greatest_of(node: fx.Node) -> fx.Node | None:
    exponential = node.args[0] if _is_kind(node, "sum") else None
    if not isinstance(exponential, fx.Node) or exponential.target not in EXPONENTIALS:
        return None
    difference = exponential.args[0]
    top = greatest_subtracted(difference) if isinstance(difference, fx.Node) else None
    if top is None or _dims(top) != _dims(node):
        return None
    return top if all(map(_is_float32, (*top.all_input_nodes, exponential, node))) else None


def _is_spread_over(subtracted: object, values: fx.Node, dims: tuple[int, ...]) -> bool:
    """Whether each of the values has that of its own row subtracted, where a row goes along `dims`."""
    source, spread = info_of(values).type, info_of(subtracted).type if isinstance(subtracted, fx.Node) else None
    if not isinstance(source, TensorType) or not isinstance(spread, TensorType):
        return False
    return spread.dims == tuple(dim(1) if place in dims else size for place, size in enumerate(source.dims))


def _is_kind(node: object, name: str) -> bool:
    kind = kind_of(node.target) if isinstance(node, fx.Node) else None
    return kind is not None and kind.name == name and kind.gives == "value" and not kind.is_mean


def _without_views(value: object) -> fx.Node | None:
    """The greatest value that another one has the elements of, under another shape at most."""
    found = _viewed(value)
    return found if found is not None and _is_kind(found, "amax") else None


def _viewed(value: object) -> fx.Node | None:
    """What another value has the elements of, under another shape at most."""
    while isinstance(value, fx.Node):
        op = OPS.find(value.target) if value.op == "call_function" else None
        if op is None or op.masks is None or op.masks.result != "propagate":
            return value
        value = value.args[0]
    return None


def _dims(reduction: fx.Node) -> tuple[int, ...]:
    source = info_of(reduction.args[0]).type if isinstance(reduction.args[0], fx.Node) else None
    assert isinstance(source, TensorType)
    return reduced_dims(len(source.dims), reduction.args[1] if len(reduction.args) > 1 else None)


def _is_float32(node: fx.Node) -> bool:
    type_ = info_of(node).type
    return isinstance(type_, TensorType) and type_.dtype == torch.float32
