"""What a loop bound is known to be a multiple of under one config: a bound in, an integer out; such tiles need no mask."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import sympy
import torch
from torch import fx

from helion.device_ir.ir import CAST
from helion.device_ir.structure import size
from helion.ops.table import OPS
from helion.types import operators as operator
from helion.types.dims import Dim, constant, dim
from helion.types.types import Axis, DimOrigin

if TYPE_CHECKING:
    from helion.codegen.kernel_body import KernelBody

_ATEN: Any = torch.ops.aten
_SUMS = (
    *(operator.add, operator.sub, min, max, _ATEN.add.Tensor, _ATEN.sub.Tensor, _ATEN.minimum.default, _ATEN.maximum.default),
    *(_ATEN.clamp.default, _ATEN.clamp_max.Tensor, _ATEN.clamp_min.Tensor),
)
_PRODUCTS = (operator.mul, _ATEN.mul.Tensor)


def multiple_of(body: KernelBody, bound: Any) -> int:
    """A number that divides `bound`, the larger the better; 0 for 0, which everything divides, and 1 where nothing is known."""
    if isinstance(bound, fx.Node):
        return _of_node(body, bound)
    if isinstance(bound, int | Dim):
        divisor = divisor_of(body.layout.with_config(dim(bound)), body.ir.kernel.dim_origins)
        return 1 if divisor is None else divisor
    return 1


def divisor_of(size: Dim, origins: Mapping[Any, DimOrigin]) -> int | None:
    """A number that divides a size in every call, 0 for 0; None where specializations do not tell, so that Triton asks at each launch."""
    if (known := constant(size)) is not None:
        return abs(known)
    if isinstance(size, sympy.Symbol):
        origin = origins.get(size)
        return None if origin is None else origin.multiple
    parts = [divisor_of(part, origins) for part in size.args]
    found = [part for part in parts if part is not None]
    if len(found) < len(parts):
        return None
    if isinstance(size, sympy.Mul) and sympy.fraction(size)[1] == 1:
        return math.prod(found)
    return math.gcd(*found) if isinstance(size, sympy.Add) else 1


def _of_node(body: KernelBody, node: fx.Node) -> int:
    """Of a number computed on the device: the bounds of tiles, and sums, products and the smaller or larger of such."""
    op = OPS.find(node.target) if node.op == "call_function" else None
    if op is not None and op.tile_attribute in ("begin", "end") and isinstance(node.args[0], Axis):
        return _of_tile(body, node.args[0], op.tile_attribute)
    if node.target is size:
        return multiple_of(body, node.args[0])
    if node.kwargs:  # `alpha` of a sum
        return 1
    if node.target in _SUMS:
        return math.gcd(*(multiple_of(body, value) for value in node.args if value is not None))
    if node.target in _PRODUCTS:
        return math.prod(multiple_of(body, value) for value in node.args)
    return multiple_of(body, node.args[0]) if node.target is CAST else 1


def _of_tile(body: KernelBody, axis: Axis, attribute: str) -> int:
    names = body.axis(axis)
    length = 1 if axis.block is None else body.layout.block_length(axis.block)
    begins = math.gcd(names.begin_multiple, length)
    return begins if attribute == "begin" else math.gcd(begins, names.end_multiple)
