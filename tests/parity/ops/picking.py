"""Kernels that pick elements by their place or their rank along a whole dimension, and search among sorted ones."""

from __future__ import annotations

import torch

import helion.language as hl
from tests.parity.op_cases import Arguments, OpCase

_functional = torch.nn.functional

_BISECTED = "torch bisects: a search that steps on NaN goes to the end, one that steps past it does not"


def slices(x: torch.Tensor) -> tuple[torch.Tensor, ...]:
    m, n = x.size()
    middle, last, steps, halves = x.new_empty(m, 3), x.new_empty(m), x.new_empty(m, n - 1), x.new_empty(m, n // 2)
    for tile in hl.tile(m):
        v = x[tile, :]
        middle[tile, :] = torch.narrow(v, 1, 2, 3)
        last[tile] = torch.select(v, 1, -1)
        steps[tile, :] = v.diff(dim=-1)
        halves[tile, :] = _functional.glu(v, -1)
    return middle, last, steps, halves


def moved(x: torch.Tensor, index: torch.Tensor) -> tuple[torch.Tensor, ...]:
    m, n = x.size()
    back, round_, chosen = torch.empty_like(x), torch.empty_like(x), x.new_empty(m, index.size(0))
    wide, shifted = x.new_empty(m, n + 5), torch.empty_like(x)
    for tile in hl.tile(m):
        v = x[tile, :]
        back[tile, :] = torch.flip(v, [1])
        round_[tile, :] = v.roll(2, -1)
        chosen[tile, :] = torch.index_select(v, 1, index[:])
        wide[tile, :] = _functional.pad(v, (5, 0), value=4.5)
        shifted[tile, :] = _functional.pad(v, (1, -1))
    return back, round_, chosen, wide, shifted


def ranked(x: torch.Tensor) -> tuple[torch.Tensor, ...]:
    third, middle, number = x.new_empty(x.size(0)), x.new_empty(x.size(0), 1), x.new_empty(x.size(0))
    place = torch.empty(x.size(0), dtype=torch.int64, device=x.device)
    for tile in hl.tile(x.size(0)):
        v = x[tile, :]
        third[tile], place[tile] = torch.kthvalue(v, 3, -1)
        middle[tile, :] = torch.median(v, -1, keepdim=True)[0]
        number[tile] = torch.nanmedian(torch.where(v > 0, v, float("nan")), 1).values
    return third, place, middle, number


def searched(x: torch.Tensor, bounds: torch.Tensor) -> tuple[torch.Tensor, ...]:
    below, upto, rows = (torch.empty(x.shape, dtype=torch.int64, device=x.device) for _ in range(3))
    for tile in hl.tile(x.size(0)):
        v = x[tile, :]
        below[tile, :] = torch.bucketize(v, bounds[:])
        upto[tile, :] = torch.searchsorted(bounds[:], v, right=True)
        rows[tile, :] = torch.searchsorted(v.nan_to_num(0.5).sort(-1)[0], v, side="right")
    return below, upto, rows


def searched_among_nan(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    below, upto = (torch.empty(x.shape, dtype=torch.int64, device=x.device) for _ in range(2))
    for tile in hl.tile(x.size(0)):
        v = x[tile, :]
        below[tile, :] = torch.searchsorted(v.sort(-1)[0], v)
        upto[tile, :] = torch.searchsorted(v.sort(-1)[0], v, side="right")
    return below, upto


def parts_of_floats(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    mantissa, exponent = torch.empty_like(x), torch.empty(x.shape, dtype=torch.int32, device=x.device)
    for tile in hl.tile(x.size(0)):
        mantissa[tile], exponent[tile] = torch.frexp(x[tile])
    return mantissa, exponent


def counted(x: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """Ranges as long as a size is, one of them a single element; and a size among tensors."""
    m, n = x.size()
    plain, threes, chosen = torch.empty_like(x), torch.empty_like(x), torch.empty_like(x)
    for tile in hl.tile(m):
        plain[tile, :] = x[tile, :] + torch.arange(n) + torch.arange(n, 2 * n, dtype=torch.int32)
        threes[tile, :] = hl.arange(0, 3 * n, 3) - x[tile, :]
        chosen[tile, :] = torch.where(x[tile, :] > 0, x[tile, :], n)
    return plain, threes, chosen


def _counted(x: torch.Tensor) -> tuple[torch.Tensor, ...]:
    n = x.size(1)
    places = torch.arange(n, device=x.device)
    return x + places + places + n, 3 * places - x, torch.where(x > 0, x, n)


def _slices(x: torch.Tensor) -> tuple[torch.Tensor, ...]:
    return x[:, 2:5], x[:, -1], x.diff(dim=-1), _functional.glu(x, -1)


def _moved(x: torch.Tensor, index: torch.Tensor) -> tuple[torch.Tensor, ...]:
    return x.flip(1), x.roll(2, -1), x[:, index], _functional.pad(x, (5, 0), value=4.5), _functional.pad(x, (1, -1))


def _ranked(x: torch.Tensor) -> tuple[torch.Tensor, ...]:
    return *x.kthvalue(3, -1), x.median(-1, keepdim=True)[0], torch.where(x > 0, x, float("nan")).nanmedian(1).values


def _searched(x: torch.Tensor, bounds: torch.Tensor) -> tuple[torch.Tensor, ...]:
    rows = x.nan_to_num(0.5).sort(-1)[0]
    return torch.bucketize(x, bounds), torch.bucketize(x, bounds, right=True), torch.searchsorted(rows, x, right=True)


def _searched_among_nan(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    rows = x.nan_to_num(float("inf")).sort(-1)[0]
    return torch.searchsorted(rows, x), torch.searchsorted(rows, x, right=True)


def _numbers(generator: torch.Generator, m: int, n: int) -> torch.Tensor:
    """All different, so that ranks are."""
    return torch.randperm(m * n, generator=generator).view(m, n) / 8 - m


def _rows(m: int, n: int) -> Arguments:
    return lambda generator: (_numbers(generator, m, n),)


def _with_index(generator: torch.Generator) -> tuple[torch.Tensor, ...]:
    return _numbers(generator, 5, 11), torch.tensor([3, 0, 10, 3])


def _with_nan(generator: torch.Generator) -> tuple[torch.Tensor]:
    x = _numbers(generator, 5, 11)
    x[1, 2] = float("nan")
    return (x,)


def _with_bounds(generator: torch.Generator) -> tuple[torch.Tensor, ...]:
    return _with_nan(generator)[0], torch.tensor([-4.0, -1.0, -0.5, 1.25, 1.5])


def _extremes(generator: torch.Generator) -> tuple[torch.Tensor]:
    return (torch.tensor([0.0, -0.0, 1.0, -3.5, 1e-42, -1e-38, 3e38, float("inf"), float("-inf"), 0.5, 1e-45]),)


CASES = (
    OpCase("slices", slices, _rows(5, 14), _slices),
    OpCase("slices", slices, _rows(5, 14), _slices, static_shapes=False, draws=1),
    OpCase("moved elements", moved, _with_index, _moved),
    OpCase("moved elements", moved, _with_index, _moved, static_shapes=False, draws=1),
    OpCase("ranks", ranked, _with_nan, _ranked),
    OpCase("ranks", ranked, _with_nan, _ranked, static_shapes=False, draws=1),
    OpCase("searches", searched, _with_bounds, _searched),
    OpCase("searches among NaN", searched_among_nan, _with_nan, _searched_among_nan, not_eager=_BISECTED),
    OpCase("parts of floats", parts_of_floats, _extremes, torch.frexp, tolerance=0.0),
    OpCase("ranges of a size", counted, _rows(5, 11), _counted, static_shapes=False),
    OpCase("ranges of one", counted, _rows(5, 1), _counted, draws=1),
    OpCase("ranges of one", counted, _rows(5, 1), _counted, static_shapes=False, draws=1),
)
