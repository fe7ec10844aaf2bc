"""Arithmetic of device scalars in, Triton text out: division and remainder round down as Python's do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from torch import fx

from helion.codegen.signs import may_be_negative
from helion.ops.scalars import SCALAR_OPERATORS
from helion.types import operators as operator
from helion.types.types import NumberType

if TYPE_CHECKING:
    from helion.codegen.kernel_body import KernelBody

_ROUNDED_DOWN: Mapping[Callable[..., Any], str] = MappingProxyType(
    {operator.floordiv: "triton_helpers.div_floor_integer({0}, {1})", operator.mod: "triton_helpers.remainder_integer({0}, {1})"}
)
_OF_FLOATS: Mapping[Callable[..., Any], str] = MappingProxyType(
    {operator.floordiv: "tl.floor({0} / {1})", operator.mod: "({0} - tl.floor({0} / {1}) * {1})"}
)


def emit_scalar(body: KernelBody, node: fx.Node) -> str:
    """Triton's own operator where nothing is negative, so that it knows what multiples there are."""
    texts = [body.text(argument) for argument in node.args]
    function: Any = node.target
    if function in _ROUNDED_DOWN:
        result = body.type_of(node)
        if isinstance(result, NumberType) and result.kind is float:
            return _OF_FLOATS[function].format(*texts)
        if any(may_be_negative(argument, body.ir.kernel.dim_origins, body.captured) for argument in node.args):
            return _ROUNDED_DOWN[function].format(*texts)
    return SCALAR_OPERATORS[function].format(*texts)
