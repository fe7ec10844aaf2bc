"""A kernel for every way in which a tile ends before its tensor: groups of rows one behind another, parts of rows."""

from __future__ import annotations

import torch

import helion.language as hl
from tests.parity.indexing.case import IndexCase, floats, integers


def rows_of_groups(x: torch.Tensor, bounds: torch.Tensor, out: torch.Tensor) -> None:
    for g in hl.grid(bounds.size(0) - 1):
        for t in hl.tile(bounds[g], bounds[g + 1]):
            out[t, :] = x[t, :] * (g + 1)


def rows_of_groups_from_their_start(x: torch.Tensor, bounds: torch.Tensor, out: torch.Tensor) -> None:
    for g in hl.grid(bounds.size(0) - 1):
        start = bounds[g]
        for t in hl.tile(bounds[g + 1] - start):
            rows = start + t.index
            for u in hl.tile(x.size(1)):
                out[rows, u] = x[rows, u] * (g + 1)


def highest_of_groups(x: torch.Tensor, bounds: torch.Tensor, out: torch.Tensor) -> None:
    """Lanes beyond a group's end are no zeros."""
    for g, u in hl.tile([out.size(0), out.size(1)], block_size=[1, None]):
        highest = hl.full([u], float("-inf"), dtype=torch.float32)
        for t in hl.tile(bounds[g.begin], bounds[g.begin + 1]):
            highest = torch.maximum(highest, x[t, u].amax(0))
        out[g.begin, u] = highest


def products_of_groups(x: torch.Tensor, bounds: torch.Tensor, out: torch.Tensor) -> None:
    for g in hl.grid(out.size(0)):
        acc = hl.zeros([x.size(1), x.size(1)], dtype=torch.float32)
        for t in hl.tile(bounds[g], bounds[g + 1]):
            acc = hl.dot(x[t, :].T, x[t, :], acc=acc)
        out[g, :, :] = acc


def the_first_rows(x: torch.Tensor, out: torch.Tensor) -> None:
    for t in hl.tile(10):
        out[t, :] = x[t, :] + 1


def the_first_columns(x: torch.Tensor, out: torch.Tensor) -> None:
    for t, u in hl.tile([x.size(0), 10]):
        out[t, u] = x[t, u] + 1


def _groups(x, bounds, out):
    for g in range(bounds.numel() - 1):
        rows = slice(int(bounds[g]), int(bounds[g + 1]))
        out[rows] = x[rows] * (g + 1)


def _highest(x, bounds, out):
    for g in range(out.size(0)):
        out[g] = x[bounds[g] : bounds[g + 1]].amax(0)


def _products(x, bounds, out):
    for g in range(out.size(0)):
        rows = x[bounds[g] : bounds[g + 1]]
        out[g] = rows.T @ rows


def _first_rows(x, out):
    out[:10] = x[:10] + 1


def _first_columns(x, out):
    out[:, :10] = x[:, :10] + 1


# One group has no rows, one fewer than any tile, one ends with the tensor.
BOUNDS = integers(3, 3, 20, 22, 40)

CUT = (
    IndexCase(rows_of_groups, lambda: (floats(40, 16), BOUNDS), (40, 16), _groups),
    IndexCase(rows_of_groups_from_their_start, lambda: (floats(40, 16), BOUNDS), (40, 16), _groups),
    IndexCase(highest_of_groups, lambda: (-floats(40, 16), integers(3, 20, 22, 40)), (3, 16), _highest),
    IndexCase(products_of_groups, lambda: (floats(40, 16) / 100, BOUNDS), (4, 16, 16), _products),
    IndexCase(the_first_rows, lambda: (floats(40, 16),), (40, 16), _first_rows),
    IndexCase(the_first_columns, lambda: (floats(40, 32),), (40, 32), _first_columns),
)
