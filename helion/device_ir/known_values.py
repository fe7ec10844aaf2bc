"""A type in, the Python value or size that it pins down out, as device code knows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from helion.types.types import (
    BlockSizeType,
    ConstantType,
    DtypeType,
    NumberType,
    OpaqueType,
    Region,
    TileType,
    Type,
    UserFunctionType,
)


@dataclass(frozen=True)
class Known:
    value: Any


def known_value(type_: Type) -> Known | None:
    """The Python value (or dim) that a type pins down, if it does."""
    match type_:
        case NumberType(value=value, kind=kind) if value is not None and type_.region is not Region.DEVICE:
            if kind is int:
                return Known(int(value) if getattr(value, "is_Integer", False) or isinstance(value, int) else value)
            return Known(value)
        case ConstantType(value=value):
            return Known(value)
        case DtypeType(dtype=dtype) if dtype is not None:
            return Known(dtype)
        case OpaqueType(cls=cls) if cls is torch.device:
            return Known(torch.device("meta"))  # where torch is asked; on the device there is one
        case UserFunctionType():
            return Known(type_)
        case TileType(axis=axis):
            return Known(axis)
        case BlockSizeType(block=block):
            return Known(block.symbol)
        case _:
            return None
