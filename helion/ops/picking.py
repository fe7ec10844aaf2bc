"""Elements of a device value by their place along a whole dimension, as gathers: slices, flips, rolls, padding, `glu`, `diff`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import torch

from helion.ops.operation import Op

_aten = torch.ops.aten


def _taken(x: torch.Tensor, dim: int, places: torch.Tensor) -> torch.Tensor:
    """The elements at `places`, one-dimensional, of a dim."""
    position = dim % x.dim()
    shape = [1] * x.dim()
    shape[position] = places.size(0)
    whole = [*x.shape]
    whole[position] = places.size(0)
    return torch.gather(x, position, places.view(shape).expand(whole))


def _size_along(x: torch.Tensor, dim: int = 0, *rest: Any, **options: Any) -> Iterable[int]:
    return (x.size(dim),) if x.dim() else ()


def rewrite_slice(x: torch.Tensor, dim: int = 0, start: int | None = None, end: int | None = None, step: int = 1) -> torch.Tensor:
    size = x.size(dim)
    first, last, _ = slice(start, end).indices(size)
    length = max(0, -((first - last) // step))
    if length == size:
        return torch.ops.aten.alias(x)
    return _taken(x, dim, torch.arange(length) * step + first)


def sizes_of_slice(x: torch.Tensor, dim: int = 0, start: int | None = None, end: int | None = None, step: int = 1) -> Iterable[int]:
    size = x.size(dim)
    return () if slice(start, end, step).indices(size) == (0, size, 1) else (size,)


def rewrite_select(x: torch.Tensor, dim: int, index: int) -> torch.Tensor:
    place = index + x.size(dim) if index < 0 else index
    return _taken(x, dim, torch.full([1], place, dtype=torch.int64)).squeeze(dim)


def rewrite_index_select(x: torch.Tensor, dim: int, index: torch.Tensor) -> torch.Tensor:
    return _taken(x, dim, index.to(torch.int64).view(-1))


def rewrite_flip(x: torch.Tensor, dims: Sequence[int]) -> torch.Tensor:
    for dim in dims:
        x = _taken(x, dim, x.size(dim) - 1 - torch.arange(x.size(dim)))
    return x


def sizes_of_flip(x: torch.Tensor, dims: Sequence[int]) -> Iterable[int]:
    return tuple(x.size(dim) for dim in dims)


def rewrite_roll(x: torch.Tensor, shifts: Sequence[int], dims: Sequence[int] = ()) -> torch.Tensor:
    if not dims:
        return rewrite_roll(x.reshape(-1), shifts, (0,)).reshape(x.shape)
    for shift, dim in zip(shifts, dims, strict=True):
        x = _taken(x, dim, (torch.arange(x.size(dim)) - shift) % x.size(dim))
    return x


def sizes_of_roll(x: torch.Tensor, shifts: Sequence[int], dims: Sequence[int] = ()) -> Iterable[int]:
    return tuple(x.shape) if not dims else tuple(x.size(dim) for dim in dims)


def rewrite_pad(x: torch.Tensor, pad: Sequence[int], value: float = 0) -> torch.Tensor:
    for position, (before, after) in enumerate(zip(pad[::2], pad[1::2], strict=True)):
        if before == after == 0:
            continue
        dim = x.dim() - 1 - position
        size = x.size(dim)
        places = torch.arange(before + size + after) - before
        inside = ((places >= 0) & (places < size)).view([-1, *(1 for _ in range(position))])
        x = torch.where(inside, _taken(x, dim, places.clamp(0, size - 1)), torch.full((), value, dtype=x.dtype))
    return x


def sizes_of_pad(x: torch.Tensor, pad: Sequence[int], value: float = 0) -> Iterable[int]:
    pairs = enumerate(zip(pad[::2], pad[1::2], strict=True))
    return tuple(x.size(x.dim() - 1 - position) for position, pair in pairs if any(pair))


def rewrite_glu(x: torch.Tensor, dim: int = -1) -> torch.Tensor:
    half = x.size(dim) // 2
    return rewrite_slice(x, dim, 0, half) * torch.sigmoid(rewrite_slice(x, dim, half, 2 * half))


def size_of_glu(x: torch.Tensor, dim: int = -1) -> Iterable[int]:
    return (x.size(dim),)


OPS = (
    Op("torch.narrow", _aten.slice.Tensor, rewrite=rewrite_slice, whole=sizes_of_slice, run=_aten.slice.Tensor),
    Op("torch.select", _aten.select.int, rewrite=rewrite_select, whole=_size_along, run=_aten.select.int),
    Op("torch.index_select", _aten.index_select.default, rewrite=rewrite_index_select, whole=_size_along, run=_aten.index_select.default),
    Op("torch.flip", _aten.flip.default, rewrite=rewrite_flip, whole=sizes_of_flip, run=_aten.flip.default),
    Op("torch.roll", _aten.roll.default, rewrite=rewrite_roll, whole=sizes_of_roll, run=_aten.roll.default),
    Op(
        "torch.nn.functional.pad", _aten.constant_pad_nd.default, rewrite=rewrite_pad, whole=sizes_of_pad, run=_aten.constant_pad_nd.default
    ),
    Op("torch.nn.functional.glu", _aten.glu.default, rewrite=rewrite_glu, whole=size_of_glu, run=_aten.glu.default),
)
