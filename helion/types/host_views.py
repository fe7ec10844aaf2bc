"""A `view` or `reshape` of the host in, of sizes whose products only numbers tell to be equal, its type out: torch compares at the call.

`x.view(groups, channels // groups)` is of this kind: that `groups` divides the channels is not said by their names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch

from helion.types.dims import Dim, constant, dim, substitute
from helion.types.types import NumberType, Region, SequenceType, TensorType, Type

_BY_SIZES = (torch.Tensor.view, torch.Tensor.reshape, torch.reshape)
_BY_TENSOR = (torch.Tensor.view_as, torch.Tensor.reshape_as)


def viewed(function: Callable[..., Any], args: Sequence[Type], hints: Mapping[Any, int], late_size: Callable[[], Dim]) -> TensorType | None:
    """The type of a view of these sizes; None for any other call. `hints` are numbers of a call's sizes, `late_size` gives the size that is
    written -1."""
    tensor, *rest = args or (None,)
    if not isinstance(tensor, TensorType) or tensor.rank is None:
        return None
    sizes = _sizes(function, rest)
    if sizes is None or _keeps_last_dims(sizes, tensor.dims, hints):
        return None
    shape = tuple(late_size() if constant(size) == -1 else size for size in sizes)
    stride = contiguous(shape) if tensor.stride == contiguous(tensor.dims) else None
    return TensorType(shape, tensor.dtype, Region.HOST, stride, tensor.is_aligned)


def _keeps_last_dims(sizes: Sequence[Dim], dims: Sequence[Dim], hints: Mapping[Any, int]) -> bool:
    """Whether only first dims are joined and the others kept, by the names that another tensor has for them, as far as a call's numbers
    tell (`v.view(-1, k.size(-2), head_dim)`): that they are the same sizes is then better taken, and asked of calls, than not known."""
    first, *rest = sizes
    if constant(first) != -1 or not 1 < len(rest) < len(dims):
        return False
    return all(map(lambda size, own: _may_be_one(size, own, hints), rest, dims[len(dims) - len(rest) :]))


def _may_be_one(size: Dim, own: Dim, hints: Mapping[Any, int]) -> bool:
    numbers = [constant(substitute(one, {s: dim(hints[s]) for s in one.free_symbols if s in hints})) for one in (size, own)]
    return size == own or numbers[0] == numbers[1] or None in numbers


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
