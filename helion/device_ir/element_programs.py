"""An ATen node that is no op of ours in, the code of one of its elements out, by TorchInductor; knows no tiles and writes no lines."""

from __future__ import annotations

from typing import Any

import torch
from torch import fx

from helion.device_ir.element_code import ElementCall, ElementProgram, TensorOperand
from helion.device_ir.graph_builder import info_of
from helion.device_ir.late_inductor import InductorAdapter
from helion.types.dims import Dim
from helion.types.types import NumberType, TensorType
from helion.types.untyped import is_sequence

_SCALARS = {int: torch.int64, float: torch.float32, bool: torch.bool}


def program_of(node: fx.Node, inductor: InductorAdapter) -> tuple[ElementProgram, list[fx.Node]]:
    """The per-element program of a node and the nodes that are its operands, in order. Raises `NotPointwise`."""
    result = info_of(node).type
    assert isinstance(result, TensorType)
    numbers: dict[Dim, int] = {}
    operands: list[fx.Node] = []

    def abstract(value: Any) -> Any:
        if isinstance(value, fx.Node):
            operands.append(value)
            return _operand(value, numbers)
        if is_sequence(value):
            return tuple(abstract(v) for v in value)
        return value

    args = tuple(abstract(a) for a in node.args)
    kwargs = tuple((name, abstract(value)) for name, value in node.kwargs.items())
    return inductor.element_program(ElementCall(node.target, args, kwargs, len(result.dims))), operands


def _operand(node: fx.Node, numbers: dict[Dim, int]) -> TensorOperand:
    type_ = info_of(node).type
    if isinstance(type_, NumberType):
        return TensorOperand(_SCALARS[type_.kind], ())
    assert isinstance(type_, TensorType) and type_.dtype is not None
    return TensorOperand(type_.dtype, tuple(1 if d == 1 else numbers.setdefault(d, 17 + 2 * len(numbers)) for d in type_.dims))
