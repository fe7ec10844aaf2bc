"""Whether an integer may be negative: what Triton divides is rounded towards zero, and Python rounds down. Knows types, no text."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import sympy
from torch import fx

from helion.device_ir.structure import grid_index, scalar, size
from helion.ops.table import OPS
from helion.types import operators as operator
from helion.types.dims import ConfigSymbol, Dim, NextPowerOfTwo
from helion.types.types import Axis, DimOrigin

_KEEP_SIGN = frozenset({operator.add, operator.mul, operator.floordiv, operator.mod, min, max})
_KEPT = (sympy.Add, sympy.Mul, sympy.floor, sympy.Min, sympy.Max, NextPowerOfTwo)


_NOTHING: Mapping[fx.Node, Any] = MappingProxyType({})


def may_be_negative(value: Any, origins: Mapping[Any, DimOrigin], captured: Mapping[fx.Node, Any] = _NOTHING) -> bool:
    """Of a device scalar: a node, a size or a number. `captured` is what placeholders of a loop's graph stand for."""
    if isinstance(value, int):
        return value < 0
    if isinstance(value, Dim):
        return not _is_natural(value, origins)
    if not isinstance(value, fx.Node):
        return True
    if value.op == "placeholder":
        return value not in captured or may_be_negative(captured[value], origins, captured)
    if value.target in (size, scalar):
        return may_be_negative(value.args[0], origins)
    op = OPS.find(value.target)
    if value.target is grid_index or (op is not None and op.tile_attribute is not None):
        axis = value.args[0]
        return not isinstance(axis, Axis) or axis.begin is None or may_be_negative(axis.begin, origins)
    return value.target not in _KEEP_SIGN or any(may_be_negative(part, origins, captured) for part in value.args)


def _is_natural(expr: Any, origins: Mapping[Any, DimOrigin]) -> bool:
    if isinstance(expr, sympy.Symbol):
        return isinstance(expr, ConfigSymbol) or is_length(expr, origins)
    if not expr.args:
        return bool(expr >= 0)
    return isinstance(expr, _KEPT) and all(_is_natural(part, origins) for part in expr.args)


def is_length(symbol: Any, origins: Mapping[Any, DimOrigin]) -> bool:
    """Whether a named size is a tensor's; an argument or a variable of the host may be any number."""
    origin = origins.get(symbol)
    return origin is not None and origin.host_expression is not None and ".size(" in origin.host_expression
