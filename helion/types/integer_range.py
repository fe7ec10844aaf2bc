"""A value that is known and the dtype that it is to have in, why it does not fit out: integers wrap on no device as Python has them."""

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
    # Numbers reach the device as integers of 64 bits, those for floats, too.
    return None if limits.min <= known <= limits.max else f"{known} does not fit into {limits.dtype}"
