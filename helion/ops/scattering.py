"""Elements put at places along a whole dimension of a device value, as comparisons of places: `scatter`, `scatter_add`, `index_add`.

Every element is compared with every place, so a value of `k` elements by `n` places is made: for rows of some dozens, not of thousands.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch

from helion.ops.operation import Op

_aten = torch.ops.aten
_NAMES = {"add": "sum", "multiply": "prod"}


def _hits(x: torch.Tensor, dim: int, index: torch.Tensor) -> torch.Tensor:
    """Which element (along `dim`) goes to which place (along the next)."""
    places = torch.arange(x.size(dim)).view([-1, *(1 for _ in range(x.dim() - 1 - dim % x.dim()))])
    return index.unsqueeze(dim % x.dim() + 1) == places


def _reduced(x: torch.Tensor, dim: int, index: torch.Tensor, src: torch.Tensor, reduce: str, include_self: bool) -> torch.Tensor:
    at = dim % x.dim()
    hits, values = _hits(x, at, index), src.to(x.dtype).unsqueeze(at + 1)
    is_any = hits.any(at)
    if reduce in ("amax", "amin"):
        limits: Any = torch.finfo(x.dtype) if x.dtype.is_floating_point else torch.iinfo(x.dtype)
        infinite = float("inf") if x.dtype.is_floating_point else limits.max
        filler = (-infinite if x.dtype.is_floating_point else limits.min) if reduce == "amax" else infinite
        found = getattr(torch.where(hits, values, filler), reduce)(at)
        both = torch.maximum(x, found) if reduce == "amax" else torch.minimum(x, found)
        return torch.where(is_any, both if include_self else found, x)
    if reduce == "prod":
        found = torch.where(hits, values, 1).prod(at).to(x.dtype)
        return torch.where(is_any, x * found if include_self else found, x)
    total = torch.where(hits, values, 0).sum(at).to(x.dtype)
    total = x + total if include_self else total
    if reduce == "mean":
        count = hits.sum(at) + int(include_self)
        rounding = None if x.dtype.is_floating_point else "floor"
        total = torch.div(total, count.clamp(min=1), rounding_mode=rounding).to(x.dtype)
    return torch.where(is_any, total, x)


def rewrite_scatter(x: torch.Tensor, dim: int, index: torch.Tensor, src: torch.Tensor) -> torch.Tensor:
    """Of several elements for one place the last is taken: as the sum of it and zeros, since Triton gathers no more than there is."""
    at = dim % x.dim()
    hits = _hits(x, at, index)
    order = torch.arange(index.size(at)).view([-1, *(1 for _ in range(x.dim() - at))])
    last = torch.where(hits, order, -1).amax(at, keepdim=True)
    found = torch.where(hits & (order == last), src.unsqueeze(at + 1), 0).sum(at).to(x.dtype)
    return torch.where(hits.any(at), found, x)


def rewrite_scatter_value(x: torch.Tensor, dim: int, index: torch.Tensor, value: float) -> torch.Tensor:
    at = dim % x.dim()
    return torch.where(_hits(x, at, index).any(at), torch.full((), value, dtype=x.dtype), x)


def rewrite_scatter_with(x: torch.Tensor, dim: int, index: torch.Tensor, src: torch.Tensor, *, reduce: str) -> torch.Tensor:
    return _reduced(x, dim, index, src, _NAMES[reduce], include_self=True)


def rewrite_scatter_add(x: torch.Tensor, dim: int, index: torch.Tensor, src: torch.Tensor) -> torch.Tensor:
    return _reduced(x, dim, index, src, "sum", include_self=True)


def rewrite_scatter_reduce(
    x: torch.Tensor, dim: int, index: torch.Tensor, src: torch.Tensor, reduce: str, *, include_self: bool = True
) -> torch.Tensor:
    return _reduced(x, dim, index, src, reduce, include_self)


def rewrite_index_add(x: torch.Tensor, dim: int, index: torch.Tensor, source: torch.Tensor, *, alpha: float = 1) -> torch.Tensor:
    return _reduced(x, dim, _along(x, dim, index), source if alpha == 1 else source * alpha, "sum", include_self=True)


def rewrite_index_copy(x: torch.Tensor, dim: int, index: torch.Tensor, source: torch.Tensor) -> torch.Tensor:
    return rewrite_scatter(x, dim, _along(x, dim, index).expand(source.shape), source)


def rewrite_index_fill(x: torch.Tensor, dim: int, index: torch.Tensor, value: float) -> torch.Tensor:
    return rewrite_scatter_value(x, dim, _along(x, dim, index), value)


def rewrite_select_scatter(x: torch.Tensor, src: torch.Tensor, dim: int, index: int) -> torch.Tensor:
    at = dim % x.dim()
    places = torch.arange(x.size(at)).view([-1, *(1 for _ in range(x.dim() - 1 - at))])
    return torch.where(places == index % x.size(at), src.to(x.dtype).unsqueeze(at), x)


def _along(x: torch.Tensor, dim: int, index: torch.Tensor) -> torch.Tensor:
    """An index of one dimension as one that lies along `dim`."""
    shape = [1] * x.dim()
    shape[dim] = index.numel()
    return index.view(shape)


def _sizes(x: torch.Tensor, dim: int, index: torch.Tensor, *rest: Any, **options: Any) -> Iterable[int]:
    return (x.size(dim), index.size(dim) if index.dim() == x.dim() else index.numel())


def _size_selected(x: torch.Tensor, src: torch.Tensor, dim: int, index: int) -> Iterable[int]:
    return (x.size(dim),)


def _op(name: str, function: Any, rewrite: Any, whole: Any = _sizes) -> Op:
    return Op(name, function, rewrite=rewrite, whole=whole, run=function)


OPS = (
    _op("torch.scatter", _aten.scatter.src, rewrite_scatter),
    _op("torch.scatter (of a number)", _aten.scatter.value, rewrite_scatter_value),
    _op("torch.scatter (with a reduction)", _aten.scatter.reduce, rewrite_scatter_with),
    _op("torch.scatter_add", _aten.scatter_add.default, rewrite_scatter_add),
    _op("torch.scatter_reduce", _aten.scatter_reduce.two, rewrite_scatter_reduce),
    _op("torch.index_add", _aten.index_add.default, rewrite_index_add),
    _op("torch.index_copy", _aten.index_copy.default, rewrite_index_copy),
    _op("torch.index_fill", _aten.index_fill.int_Scalar, rewrite_index_fill),
    _op("torch.select_scatter", _aten.select_scatter.default, rewrite_select_scatter, _size_selected),
)
