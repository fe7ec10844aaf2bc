"""Places among sorted elements, elements by their rank, parts of floats: `bucketize`, `kthvalue`, `frexp`, each as other torch calls."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch

from helion.ops.operation import Op

_aten = torch.ops.aten


def rewrite_bucketize(x: torch.Tensor, boundaries: torch.Tensor, *, out_int32: bool = False, right: bool = False) -> torch.Tensor:
    return _counted(boundaries, x.unsqueeze(-1), out_int32, right)


def rewrite_searchsorted(
    boundaries: torch.Tensor,
    x: torch.Tensor,
    *,
    out_int32: bool = False,
    right: bool = False,
    side: str | None = None,
    sorter: torch.Tensor | None = None,
) -> torch.Tensor:
    if sorter is not None:
        boundaries = torch.gather(boundaries, -1, sorter)
    rows = boundaries if boundaries.dim() == 1 else boundaries.unsqueeze(-2)
    return _counted(rows, x.unsqueeze(-1), out_int32, right or side == "right")


def _counted(boundaries: torch.Tensor, x: torch.Tensor, out_int32: bool, right: bool) -> torch.Tensor:
    """How many boundaries stand before each element; all of them before NaN, which as a boundary stands before nothing else."""
    before = boundaries <= x if right else boundaries < x
    return (before | (x != x)).sum(-1).to(torch.int32 if out_int32 else torch.int64)


def rewrite_frexp(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Mantissa and exponent by way of the bits of float32; what is smaller than its normal numbers is scaled up first."""
    wide = x.to(torch.float32)
    is_tiny = wide.abs() < torch.finfo(torch.float32).tiny
    bits = torch.where(is_tiny, wide * 2.0**24, wide).view(torch.int32)
    has_none = (wide == 0) | ~torch.isfinite(wide)
    exponent = ((bits >> 23) & 0xFF) - 126 - is_tiny.to(torch.int32) * 24
    mantissa = ((bits & ~(0xFF << 23)) | (126 << 23)).view(torch.float32)
    return torch.where(has_none, wide, mantissa).to(x.dtype), torch.where(has_none, torch.zeros_like(exponent), exponent)


def rewrite_kthvalue(x: torch.Tensor, k: int, dim: int = -1, keepdim: bool = False) -> tuple[torch.Tensor, torch.Tensor]:
    shape = [*x.shape]
    shape[dim] = 1
    return _of_rank(x, torch.full(shape, k - 1, dtype=torch.int64), dim, keepdim)


def rewrite_median(x: torch.Tensor, dim: int, keepdim: bool = False) -> tuple[torch.Tensor, torch.Tensor]:
    """The lower of two middle elements; NaN, which is sorted last, where there is one."""
    numbers = _count_numbers(x, dim)
    size = x.size(dim)
    middle = torch.zeros_like(numbers) + (size - 1) // 2
    return _of_rank(x, torch.where(numbers < size, numbers, middle), dim, keepdim)


def rewrite_nanmedian(x: torch.Tensor, dim: int, keepdim: bool = False) -> tuple[torch.Tensor, torch.Tensor]:
    return _of_rank(x, ((_count_numbers(x, dim) - 1) // 2).clamp(min=0), dim, keepdim)


def rewrite_whole_median(x: torch.Tensor) -> torch.Tensor:
    return rewrite_median(x.reshape(-1), 0)[0]


def rewrite_whole_nanmedian(x: torch.Tensor) -> torch.Tensor:
    return rewrite_nanmedian(x.reshape(-1), 0)[0]


def _count_numbers(x: torch.Tensor, dim: int) -> torch.Tensor:
    return (x == x).sum(dim, keepdim=True)


def _of_rank(x: torch.Tensor, rank: torch.Tensor, dim: int, keepdim: bool) -> tuple[torch.Tensor, torch.Tensor]:
    values, places = torch.sort(x, dim=dim, stable=True)
    value, place = torch.gather(values, dim, rank), torch.gather(places, dim, rank)
    return (value, place) if keepdim else (value.squeeze(dim), place.squeeze(dim))


def _size_along(x: torch.Tensor, dim: int = -1, *rest: Any, **options: Any) -> Iterable[int]:
    return (x.size(dim),)


def _size_of_kthvalue(x: torch.Tensor, k: int, dim: int = -1, keepdim: bool = False) -> Iterable[int]:
    return (x.size(dim),)


def _all_sizes(x: torch.Tensor) -> Iterable[int]:
    return tuple(x.shape)


OPS = (
    Op("torch.frexp", _aten.frexp.Tensor, rewrite=rewrite_frexp, run=_aten.frexp.Tensor),
    Op("torch.bucketize", _aten.bucketize.Tensor, rewrite=rewrite_bucketize, run=_aten.bucketize.Tensor),
    Op("torch.searchsorted", _aten.searchsorted.Tensor, rewrite=rewrite_searchsorted, run=_aten.searchsorted.Tensor),
    Op("torch.kthvalue", _aten.kthvalue.default, rewrite=rewrite_kthvalue, whole=_size_of_kthvalue, run=_aten.kthvalue.default),
    Op("torch.median", _aten.median.dim, rewrite=rewrite_median, whole=_size_along, run=_aten.median.dim),
    Op("torch.median (of all)", _aten.median.default, rewrite=rewrite_whole_median, whole=_all_sizes, run=_aten.median.default),
    Op("torch.nanmedian", _aten.nanmedian.dim, rewrite=rewrite_nanmedian, whole=_size_along, run=_aten.nanmedian.dim),
    Op("torch.nanmedian (of all)", _aten.nanmedian.default, rewrite=rewrite_whole_nanmedian, whole=_all_sizes, run=_aten.nanmedian.default),
)
