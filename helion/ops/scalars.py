"""Arithmetic and comparison of device scalars: sizes, tile bounds, loop indices, runtime arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import torch

from helion.types import operators as operator

SCALAR_OPERATORS: Mapping[Callable[..., Any], str] = MappingProxyType(
    {
        operator.add: "({0} + {1})",
        operator.sub: "({0} - {1})",
        operator.mul: "({0} * {1})",
        operator.truediv: "({0} / {1})",
        operator.floordiv: "({0} // {1})",
        operator.mod: "({0} % {1})",
        operator.neg: "(-{0})",
        operator.pos: "{0}",
        operator.invert: "(~{0})",
        operator.and_: "({0} & {1})",
        operator.or_: "({0} | {1})",
        operator.xor: "({0} ^ {1})",
        operator.lshift: "({0} << {1})",
        operator.rshift: "({0} >> {1})",
        operator.eq: "({0} == {1})",
        operator.ne: "({0} != {1})",
        operator.lt: "({0} < {1})",
        operator.le: "({0} <= {1})",
        operator.gt: "({0} > {1})",
        operator.ge: "({0} >= {1})",
        operator.not_: "({0} == 0)",
        min: "tl.minimum({0}, {1})",
        max: "tl.maximum({0}, {1})",
        torch.where: "tl.where({0}, {1}, {2})",
        torch.sym_not: "({0} == 0)",  # pyright: ignore[reportUnknownMemberType]  # torch has no types for it
    }
)
