"""A reference and its arguments in, how far rounding alone moves its results out: a kernel cannot be held to more than that."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch.utils._pytree import tree_map

from helion.autotune.correctness import Tolerance, compare
from helion.types.untyped import is_sequence

_MOST = 4.0


def rounding_of(reference: Callable[[tuple[Any, ...]], Any], arguments: tuple[Any, ...], expected: Any, tolerance: Tolerance) -> float:
    """By how many tolerances the reference's results change when its 16-bit arguments come as float32, at most 4.

    Sums that are kept in the arguments' dtype (atomics on a bfloat16 tensor) round at every step, the reference's as well as a kernel's.
    0 where the reference does not take float32 or gives something of another shape.
    """
    if not any(_is_narrow(value) for value in arguments):
        return 0.0
    try:
        wide = reference(tree_map(_widened, arguments))
    except Exception:  # noqa: BLE001 - whatever a reference does with arguments that it was not written for
        return 0.0
    moved = compare(_as_narrow_as(wide, expected), expected, tolerance).worst
    return min(moved, _MOST) if math.isfinite(moved) else 0.0


def _is_narrow(value: Any) -> bool:
    return isinstance(value, torch.Tensor) and value.dtype in (torch.float16, torch.bfloat16)


def _widened(value: Any) -> Any:
    return value.to(torch.float32) if _is_narrow(value) else value


def _as_narrow_as(wide: Any, expected: Any) -> Any:
    """The wide results in the dtypes of the expected ones, as far as they are built alike."""
    if isinstance(wide, torch.Tensor) and isinstance(expected, torch.Tensor):
        return wide.to(expected.dtype)
    if is_sequence(wide) and is_sequence(expected) and len(wide) == len(expected):
        return tuple(_as_narrow_as(a, b) for a, b in zip(wide, expected, strict=True))
    return wide
