"""A load in, what its lanes outside are to hold: what the reductions of it ask for, so that they need not select it again."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import torch
from torch import fx

from helion.device_ir.graph_builder import info_of
from helion.device_ir.ir import CAST
from helion.device_ir.structure import IndexRun, index_elements
from helion.ops.reductions import accumulator_dtype, kind_of
from helion.ops.table import OPS
from helion.types.types import Axis, TensorType
from helion.types.untyped import is_slice


def wanted_padding(load: fx.Node) -> float | int:
    """0, or the identity of all reductions that a load, as it is or cast, goes into, if it is one: of `amax` -inf. A product reads zeros,
    and so does what a mask of the kernel or an index leaves out."""
    type_ = info_of(load).type
    assert isinstance(type_, TensorType)
    if type_.dtype is None or not _is_whole(load):
        return 0
    wanted = set(_demands(load))
    value = wanted.pop() if len(wanted) == 1 else 0
    return value if _can_hold(type_.dtype, value) else 0


def _can_hold(dtype: torch.dtype, value: float) -> bool:
    """Whether a dtype has an identity: floats have 0, 1 and infinities, those of 8 bits not all of them."""
    if dtype == torch.bool or dtype.is_floating_point:
        return dtype != torch.bool and dtype.itemsize > 1
    limits = torch.iinfo(dtype)
    return not math.isinf(value) and limits.min <= value <= limits.max


def _is_whole(load: fx.Node) -> bool:
    """Whether only tiles and whole dims leave lanes out."""
    tensor, index, *masks = load.args
    if masks or load.kwargs or not isinstance(tensor, fx.Node) or not isinstance(info_of(tensor).type, TensorType):
        return False
    return all(map(_leaves_out_nothing, index_elements(index)))


def _leaves_out_nothing(element: Any) -> bool:
    match element:
        case None | int() | Axis():
            return True
        case IndexRun():
            return False
        case slice(start=None, stop=None, step=None):
            return True
        case _ if is_slice(element):
            return False
        case fx.Node():
            type_ = info_of(element).type
            return not isinstance(type_, TensorType) or not type_.dims
        case _:
            return False


def _demands(value: fx.Node) -> Iterator[float | int]:
    """What lanes outside have to hold in what reads a value, or a cast of it."""
    type_ = info_of(value).type
    assert isinstance(type_, TensorType) and type_.dtype is not None
    for user in value.users:
        op = OPS.find(user.target)
        kind = kind_of(user.target)
        result = info_of(user).type if user.op == "call_function" else None
        if kind is not None and isinstance(result, TensorType) and result.dtype is not None:
            yield kind.identity_for(accumulator_dtype(type_.dtype, kind, result.dtype))
        elif op is not None and op.masks is not None and op.masks.inputs:
            yield 0
        elif user.target is CAST:
            yield from _demands(user)
