"""A number that is known and the dtype that it is to have in, why it does not fit or the number that is stored out."""

from __future__ import annotations

import torch

from helion.types.dims import constant
from helion.types.types import NumberType, Type


def does_not_fit(value: Type, dtype: torch.dtype | None) -> str | None:
    """Why a constant integer cannot have a dtype; None where it can, or where one of them is not known."""
    known = constant(value.as_dim) if isinstance(value, NumberType) and value.kind is int else None
    if known is None or dtype is None or dtype == torch.bool or dtype.is_complex:
        return None
    limits = torch.iinfo(torch.int64 if dtype.is_floating_point else dtype)
    # Numbers reach the device as integers of 64 bits, those for floats, too. A negative one wraps where there is no sign, as in torch.
    least = limits.min or -limits.max
    return None if least <= known <= limits.max else f"{known} does not fit into {limits.dtype}"


def wrapped(number: int, dtype: torch.dtype) -> int:
    """The number as a dtype of integers holds it, as torch takes constants: 255 is -1 in 8 bits with a sign."""
    if dtype.is_floating_point or dtype.is_complex or dtype == torch.bool:
        return number
    limits = torch.iinfo(dtype)
    return limits.min + (number - limits.min) % (limits.max - limits.min + 1)
