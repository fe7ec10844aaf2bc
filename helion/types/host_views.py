"""A `view` or `reshape` of the host in, of sizes whose products only numbers tell to be equal, its type out: torch compares at the call.

`x.view(groups, channels // groups)` is of this kind: that `groups` divides the channels is not said by their names.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

from helion.types.dims import Dim, constant, dim
from helion.types.types import NumberType, Region, SequenceType, TensorType, Type

_BY_SIZES = (torch.Tensor.view, torch.Tensor.reshape, torch.reshape)
_BY_TENSOR = (torch.Tensor.view_as, torch.Tensor.reshape_as)


def viewed(function: Callable[..., Any], args: Sequence[Type], late_size: Callable[[], Dim]) -> TensorType | None:
    """The type of a view of these sizes; None for any other call. `late_size` gives the size that is written -1."""
    tensor, *rest = args or (None,)
    if not isinstance(tensor, TensorType) or tensor.rank is None:
        return None
    sizes = _sizes(function, rest)
    if sizes is None:
        return None
    shape = tuple(late_size() if constant(size) == -1 else size for size in sizes)
    stride = contiguous(shape) if tensor.stride == contiguous(tensor.dims) else None
    return TensorType(shape, tensor.dtype, Region.HOST, stride, tensor.is_aligned)


def _sizes(function: Callable[..., Any], rest: Sequence[Type]) -> tuple[Dim, ...] | None:
    if function in _BY_TENSOR and len(rest) == 1 and isinstance(rest[0], TensorType) and rest[0].rank is not None:
        return rest[0].dims
    if function not in _BY_SIZES:
        return None
    given = rest[0].items if len(rest) == 1 and isinstance(rest[0], SequenceType) else rest
    sizes = [size for item in given if isinstance(item, NumberType) and (size := item.as_dim) is not None]
    return tuple(sizes) if sizes and len(sizes) == len(given) else None


def contiguous(shape: Sequence[Dim]) -> tuple[Dim, ...]:
    """The strides of a tensor that lies in memory row by row."""
    strides: list[Dim] = []
    step = dim(1)
    for size in reversed(shape):
        strides.insert(0, step)
        step = step * size
    return tuple(strides)
