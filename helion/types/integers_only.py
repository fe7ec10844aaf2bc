"""A call and its arguments in; raises for floating point numbers where bits are meant, which torch itself does on real data only."""

from __future__ import annotations

from collections.abc import Iterable

import torch

from helion.types import operators as operator

_NAMES = ("bitwise_and", "bitwise_or", "bitwise_xor", "bitwise_not", "bitwise_left_shift", "bitwise_right_shift")
_ON_BITS = frozenset(
    {
        *(operator.and_, operator.or_, operator.xor, operator.invert, operator.lshift, operator.rshift),
        *(getattr(owner, name) for owner in (torch, torch.Tensor) for name in _NAMES),
    }
)


def refuse_floats(function: object, arguments: Iterable[object]) -> None:
    """Raises RuntimeError for an operator on bits with a floating point operand; meta tensors are let pass by torch."""
    try:
        on_bits = function in _ON_BITS
    except TypeError:  # not hashable, so none of them
        return
    floats = [a.dtype for a in arguments if on_bits and isinstance(a, torch.Tensor) and a.dtype.is_floating_point]
    if floats:
        raise RuntimeError(f"{getattr(function, '__name__', function)!r} is not implemented for {floats[0]}".replace("'", "`"))
