"""A kernel for every way to index by a tile that numbers move: `base + tile.index`."""

from __future__ import annotations

import torch

import helion.language as hl
from tests.parity.indexing.case import IndexCase, floats, integers


def rows_at_loaded_places(x: torch.Tensor, places: torch.Tensor, out: torch.Tensor) -> None:
    for p, t in hl.tile([places.size(0), out.size(1)], block_size=[1, None]):
        out[p.begin, t, :] = x[places[p.begin] + t.index, :]


def rows_of_one_of_three(x: torch.Tensor, places: torch.Tensor, out: torch.Tensor) -> None:
    for p, t, u in hl.tile([places.size(0), out.size(1), out.size(2)], block_size=[1, None, None]):
        out[p.begin, t, u] = x[p.begin, places[p.begin] + t.index, u]


def rows_moved_there_and_back(x: torch.Tensor, k: int, places: torch.Tensor, out: torch.Tensor) -> None:
    for t in hl.tile(out.size(0)):
        out[t, :] = x[t.index - k + (places[0] - 2) - 1, :] + x[k - 4 + t.index, :]


def rows_that_a_loop_takes_from_around(x: torch.Tensor, places: torch.Tensor, out: torch.Tensor) -> None:
    for t in hl.tile(out.size(0)):
        rows = places[1] + t.index
        for u in hl.tile(out.size(1)):
            if places[0] > 1:
                out[t, u] = x[rows, u]


def sums_of_partial_tiles(x: torch.Tensor, places: torch.Tensor, out: torch.Tensor) -> None:
    """The tensor goes on behind the ten rows."""
    for p, u in hl.tile([places.size(0), out.size(1)], block_size=[1, None]):
        total = hl.zeros([u], dtype=torch.float32)
        for t in hl.tile(10):
            total += x[places[p.begin] + t.index, u].sum(0)
        out[p.begin, u] = total


def moved_columns(x: torch.Tensor, out: torch.Tensor) -> None:
    for t, u in hl.tile(out.size()):
        out[t, u] = x[t, u.index + 8] + x[t, 3 + u.index]


def the_indices_of_a_tile(x: torch.Tensor, out: torch.Tensor) -> None:
    for t in hl.tile(out.size(0)):
        out[t.index, :] = x[t.index, :] * 2


def to_rows_at_loaded_places(x: torch.Tensor, places: torch.Tensor, out: torch.Tensor) -> None:
    for p, t in hl.tile([places.size(0), x.size(1)], block_size=[1, None]):
        out[places[p.begin] - 2 + t.index, :] = x[p.begin, t, :]


def to_rows_beside_those_of_others(x: torch.Tensor, places: torch.Tensor, out: torch.Tensor) -> None:
    """The last tile of a program is partial, and behind it are rows that an earlier program stored."""
    for p, t in hl.tile([places.size(0), x.size(1)], block_size=[1, None]):
        out[places[p.begin] + t.index, :] = x[p.begin, t, :] + 1


def added_to_rows(x: torch.Tensor, places: torch.Tensor, out: torch.Tensor) -> None:
    for p, t in hl.tile([places.size(0), x.size(1)], block_size=[1, None]):
        hl.atomic_add(out, [places[p.begin] + t.index, slice(None)], x[p.begin, t, :])


def _rows(x: torch.Tensor, places: torch.Tensor, count: int) -> torch.Tensor:
    return torch.stack([x[place : place + count] for place in places.tolist()])


def _loaded(x, places, out):
    out.copy_(_rows(x, places, out.size(1)))


def _of_each(x, places, out):
    out.copy_(torch.stack([one[place : place + out.size(1)] for one, place in zip(x, places.tolist(), strict=True)]))


def _there_and_back(x, k, places, out):
    first = int(places[0]) - k - 3
    out.copy_(x[first : first + 16] + x[k - 4 : k + 12])


def _second(x, places, out):
    out.copy_(x[int(places[1]) :][: out.size(0)])


def _sums(x, places, out):
    out.copy_(_rows(x, places, 10).sum(1))


def _columns(x, out):
    out.copy_(x[:, 8:24] + x[:, 3:19])


def _doubled(x, out):
    out.copy_(x * 2)


def _stored(moved, more):
    def expected(x, places, out):
        for rows, place in zip(x, places.tolist(), strict=True):
            out[place + moved : place + moved + rows.size(0)] = rows + more

    return expected


def _added(x, places, out):
    for rows, place in zip(x, places.tolist(), strict=True):
        out[place : place + rows.size(0)] += rows


PLACES = integers(3, 17, 0, 24)

MOVED = (
    IndexCase(rows_at_loaded_places, lambda: (floats(40, 12), PLACES), (4, 16, 12), _loaded),
    IndexCase(rows_of_one_of_three, lambda: (floats(4, 40, 16).bfloat16(), PLACES.int()), (4, 16, 16), _of_each, dtype=torch.bfloat16),
    IndexCase(rows_moved_there_and_back, lambda: (floats(40, 12), 5, integers(19)), (16, 12), _there_and_back),
    IndexCase(rows_that_a_loop_takes_from_around, lambda: (floats(40, 16), PLACES), (16, 16), _second),
    IndexCase(sums_of_partial_tiles, lambda: (floats(40, 12), PLACES), (4, 12), _sums),
    IndexCase(moved_columns, lambda: (floats(8, 24),), (8, 16), _columns),
    IndexCase(the_indices_of_a_tile, lambda: (floats(16, 12),), (16, 12), _doubled),
    IndexCase(to_rows_at_loaded_places, lambda: (floats(2, 16, 12), integers(5, 23)), (40, 12), _stored(-2, 0)),
    IndexCase(to_rows_beside_those_of_others, lambda: (floats(2, 13, 12), integers(16, 3)), (40, 12), _stored(0, 1)),
    IndexCase(added_to_rows, lambda: (floats(2, 16, 12), integers(5, 12)), (40, 12), _added),
)
