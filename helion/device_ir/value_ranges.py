"""A node of integers in, the least and the greatest value that its elements can have out, by its dtype, shifts and bit masks."""

from __future__ import annotations

from typing import Any

import torch
from torch import fx

from helion.device_ir.graph_builder import info_of
from helion.device_ir.ir import CAST
from helion.types.types import TensorType

_ATEN: Any = torch.ops.aten
_SHIFTS_RIGHT = (_ATEN.__rshift__.Scalar, _ATEN.bitwise_right_shift.Tensor_Scalar)
_MASKS = (_ATEN.__and__.Scalar, _ATEN.bitwise_and.Scalar)
_SUMS, _DIFFERENCES = (_ATEN.add.Tensor, _ATEN.add.Scalar), (_ATEN.sub.Tensor, _ATEN.sub.Scalar)


def value_range(node: fx.Node) -> tuple[int, int] | None:
    """None for what is no tensor of integers. Never narrower than what the elements can be: where nothing is known, the dtype's range."""
    type_ = info_of(node).type
    dtype = type_.dtype if isinstance(type_, TensorType) else None
    if dtype is None or dtype.is_floating_point or dtype.is_complex or dtype == torch.bool:
        return None
    limits = torch.iinfo(dtype)
    found = _by_operation(node) if node.op == "call_function" and not node.kwargs else None
    wraps = found is None or found[0] < limits.min or found[1] > limits.max
    return (limits.min, limits.max) if found is None or wraps else found


def _by_operation(node: fx.Node) -> tuple[int, int] | None:
    source = node.args[0] if node.args else None
    inner = value_range(source) if isinstance(source, fx.Node) else None
    if inner is None:
        return None
    if node.target is CAST:
        return inner
    number = node.args[1] if len(node.args) == 2 else None
    if not isinstance(number, int) or isinstance(number, bool):
        return None
    if node.target in _SHIFTS_RIGHT and number >= 0:
        return (inner[0] >> number, inner[1] >> number)
    if node.target in _MASKS and number >= 0:
        return (0, number if inner[0] < 0 else min(number, inner[1]))
    if node.target in _SUMS:
        return (inner[0] + number, inner[1] + number)
    return (inner[0] - number, inner[1] - number) if node.target in _DIFFERENCES else None
