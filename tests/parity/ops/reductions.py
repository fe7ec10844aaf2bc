"""Kernels with reductions, each way torch spells them: along a `:` row, over a tile, over everything; pairs, places, NaN, odd dtypes."""

from __future__ import annotations

from typing import Any

import torch
from torch.nn import functional as F

import helion.language as hl
from tests.parity.op_cases import OpCase


def sums(x: torch.Tensor) -> tuple[torch.Tensor, ...]:
    a, b, c, d = (x.new_empty(x.size(0)) for _ in range(4))
    for tile in hl.tile(x.size(0)):
        v = x[tile, :]
        a[tile] = v.sum(1)
        b[tile] = torch.sum(v, dim=-1, dtype=torch.float64)
        c[tile] = v.prod(1)
        d[tile] = v.mean(1, keepdim=True).squeeze(1)
    return a, b, c, d


def extremes(x: torch.Tensor) -> tuple[torch.Tensor, ...]:
    a, b, c, d = (x.new_empty(x.size(0)) for _ in range(4))
    for tile in hl.tile(x.size(0)):
        v = x[tile, :]
        a[tile] = v.amax(1)
        b[tile] = torch.amin(v, dim=1)
        c[tile], d[tile] = torch.aminmax(v, dim=1)
    return a, b, c, d


def pairs(x: torch.Tensor) -> tuple[torch.Tensor, ...]:
    high, low = x.new_empty(x.size(0)), x.new_empty(x.size(0))
    at_high, at_low, first, last = (torch.empty(x.size(0), dtype=torch.int64, device=x.device) for _ in range(4))
    for tile in hl.tile(x.size(0)):
        v = x[tile, :]
        high[tile], at_high[tile] = v.max(1)
        found = torch.min(v, dim=1)
        low[tile], at_low[tile] = found.values, found.indices
        first[tile] = v.argmax(-1)
        last[tile] = torch.argmin(v, 1)
    return high, at_high, low, at_low, first, last


def columns(x: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """Over the first dimension; the tile is the second."""
    a, b = x.new_empty(x.size(1)), x.new_empty(x.size(1))
    at = torch.empty(x.size(1), dtype=torch.int64, device=x.device)
    for tile in hl.tile(x.size(1)):
        v = x[:, tile]
        a[tile] = v.sum(0)
        b[tile], at[tile] = v.max(0)
    return a, b, at


def over_tile(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Over a tile that reaches past the end: what is beyond takes no part."""
    a, b = x.new_empty(x.size(1)), x.new_empty(x.size(1))
    for tile in hl.tile(x.size(1)):
        total, high = hl.zeros([tile]), hl.full([tile], float("-inf"))
        for rows in hl.tile(x.size(0)):
            v = x[rows, tile] - 100
            total = total + v.sum(0)
            high = torch.maximum(high, v.amax(0))
        a[tile], b[tile] = total, high
    return a, b


def everything(x: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """A slice of a 3-D tensor, all of its dimensions at once."""
    a, b, c, d, e = (x.new_empty(x.size(0)) for _ in range(5))
    at = torch.empty(x.size(0), dtype=torch.int64, device=x.device)
    for i in hl.grid(x.size(0)):
        v = x[i, :, :]
        a[i] = v.sum()
        b[i] = v.mean((0, 1))
        c[i] = v.amax()
        d[i] = v.var()
        e[i] = v.norm()
        at[i] = v.argmax()
    return a, b, c, d, e, at


def truths(x: torch.Tensor) -> tuple[torch.Tensor, ...]:
    a, b, c = (torch.empty(x.size(0), dtype=torch.bool, device=x.device) for _ in range(3))
    count = torch.empty(x.size(0), dtype=torch.int64, device=x.device)
    for tile in hl.tile(x.size(0)):
        v = x[tile, :]
        a[tile] = (v > 1).any(1)
        b[tile] = torch.all(v < 1, dim=1)
        c[tile] = (v - v.abs()).any(-1)
        count[tile] = v.count_nonzero(1)
    return a, b, c, count


def statistics(x: torch.Tensor) -> tuple[torch.Tensor, ...]:
    a, b, c, d, e, f = (x.new_empty(x.size(0)) for _ in range(6))
    for tile in hl.tile(x.size(0)):
        v = x[tile, :]
        a[tile] = v.var(1)
        b[tile] = v.std(-1, correction=0)
        c[tile], d[tile] = torch.var_mean(v, 1)
        e[tile] = torch.logsumexp(v, 1)
        f[tile] = torch.linalg.vector_norm(v, ord=3, dim=1)
    return a, b, c, d, e, f


def normalized(x: torch.Tensor) -> tuple[torch.Tensor, ...]:
    a, b, c = torch.empty_like(x), torch.empty_like(x), torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        v = x[tile, :]
        a[tile, :] = F.layer_norm(v, [v.size(1)])
        b[tile, :] = torch.log_softmax(v, -1)
        c[tile, :] = F.normalize(v, dim=1)
    return a, b, c


def size_one(x: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """Dimensions of length 1, however they came to be."""
    a, b = torch.empty_like(x), torch.empty_like(x)
    at = torch.empty(x.shape, dtype=torch.int64, device=x.device)
    for tile in hl.tile(x.size(0)):
        v = x[tile, :]
        a[tile, :] = v[:, None, :].sum(1) + v.unsqueeze(0).mean(0)
        b[tile, :], at[tile, :] = v[:, None, :].max(1)
    return a, b, at


def integers(x: torch.Tensor) -> tuple[torch.Tensor, ...]:
    a, b = (torch.empty(x.size(0), dtype=torch.int64, device=x.device) for _ in range(2))
    c = x.new_empty(x.size(0))
    for tile in hl.tile(x.size(0)):
        v = x[tile, :]
        a[tile] = v.sum(1)
        b[tile] = (v > 0).sum(1)
        c[tile] = v.amin(1)
    return a, b, c


def _rows(*shape: int, dtype: torch.dtype = torch.float32) -> Any:
    return lambda generator: (torch.randn(shape, generator=generator).to(dtype),)


def _with_nan(generator: torch.Generator) -> tuple[torch.Tensor]:
    x = torch.randn(5, 13, generator=generator)
    x[1, 4], x[1, 7], x[3, 12] = float("nan"), float("nan"), float("inf")
    return (x,)


def _with_ties(generator: torch.Generator) -> tuple[torch.Tensor]:
    return (torch.randint(-2, 3, (13, 21), generator=generator).float(),)


def _sums(x: torch.Tensor) -> tuple[torch.Tensor, ...]:
    return x.sum(1), x.sum(1, dtype=torch.float64).to(x.dtype), x.prod(1), x.mean(1)


def _pairs(x: torch.Tensor) -> tuple[torch.Tensor, ...]:
    return *x.max(1), *x.min(1), x.argmax(1), x.argmin(1)


def _everything(x: torch.Tensor) -> tuple[torch.Tensor, ...]:
    dims = (1, 2)
    return x.sum(dims), x.mean(dims), x.amax(dims), x.var(dims), x.norm(dim=dims), x.flatten(1).argmax(1)


def _truths(x: torch.Tensor) -> tuple[torch.Tensor, ...]:
    return (x > 1).any(1), (x < 1).all(1), (x < 0).any(1), x.count_nonzero(1)


def _statistics(x: torch.Tensor) -> tuple[torch.Tensor, ...]:
    norm = torch.linalg.vector_norm(x, ord=3, dim=1)
    return x.var(1), x.std(1, correction=0), x.var(1), x.mean(1), torch.logsumexp(x, 1), norm


def _normalized(x: torch.Tensor) -> tuple[torch.Tensor, ...]:
    return F.layer_norm(x, [x.size(1)]), x.log_softmax(-1), F.normalize(x, dim=1)


def _extremes(x: torch.Tensor) -> tuple[torch.Tensor, ...]:
    return x.amax(1), x.amin(1), x.amin(1), x.amax(1)


CASES = (
    OpCase("sum, prod and mean", sums, _rows(5, 13), _sums),
    OpCase("sum, prod and mean", sums, _rows(5, 13), _sums, static_shapes=False),
    OpCase("sum, prod and mean of long rows", sums, lambda g: (torch.rand(2, 300, generator=g) / 300 + 1,), _sums),
    OpCase("sum, prod and mean of bfloat16", sums, _rows(5, 13, dtype=torch.bfloat16), _sums, 1e-2),
    OpCase("amax, amin and aminmax", extremes, _rows(5, 13), _extremes),
    OpCase("amax, amin and aminmax with NaN", extremes, _with_nan, _extremes),
    OpCase("amax, amin and aminmax of long rows with NaN", extremes, lambda g: (_with_nan(g)[0].repeat(1, 20),), _extremes),
    OpCase("max, min, argmax and argmin", pairs, _rows(5, 13), _pairs),
    OpCase("max, min, argmax and argmin", pairs, _rows(5, 13), _pairs, static_shapes=False),
    OpCase("max, min, argmax and argmin of equal elements", pairs, _with_ties, _pairs),
    OpCase("max, min, argmax and argmin of long rows", pairs, _rows(3, 300), _pairs, draws=8),
    OpCase(
        "max, min, argmax and argmin of long rows of equal elements", pairs, lambda g: (_with_ties(g)[0].repeat(1, 15),), _pairs, draws=8
    ),
    OpCase("max, min, argmax and argmin of long rows with NaN", pairs, lambda g: (_with_nan(g)[0].repeat(1, 25),), _pairs, draws=8),
    OpCase("max, min, argmax and argmin with NaN", pairs, _with_nan, _pairs),
    OpCase("max, min, argmax and argmin of float16", pairs, _rows(5, 13, dtype=torch.float16), _pairs),
    OpCase("max, min, argmax and argmin of float64", pairs, _rows(5, 13, dtype=torch.float64), _pairs),
    OpCase("reductions of columns", columns, _rows(13, 5), lambda x: (x.sum(0), *x.max(0))),
    OpCase("reductions over a tile", over_tile, _rows(37, 11), lambda x: ((x - 100).sum(0), (x - 100).amax(0)), 1e-4),
    OpCase("reductions of everything", everything, _rows(3, 5, 13), _everything),
    OpCase("reductions of everything", everything, _rows(3, 5, 13), _everything, static_shapes=False),
    OpCase("any and all", truths, _rows(5, 13), _truths),
    OpCase("any and all of negative numbers", truths, lambda g: (-torch.rand(5, 13, generator=g) - 1,), _truths),
    OpCase("var, std, logsumexp and norm", statistics, _rows(5, 13), _statistics),
    OpCase("var, std, logsumexp and norm of long rows", statistics, _rows(3, 300), _statistics),
    OpCase("layer_norm, log_softmax and normalize", normalized, _rows(5, 13), _normalized),
    OpCase("reductions of dimensions of length 1", size_one, _rows(5, 13), lambda x: (2 * x, x, torch.zeros_like(x, dtype=torch.int64))),
    OpCase(
        "reductions of integers",
        integers,
        lambda g: (torch.randint(-100, 100, (5, 13), generator=g, dtype=torch.int8),),
        lambda x: (x.sum(1), (x > 0).sum(1), x.amin(1)),
    ),
)
