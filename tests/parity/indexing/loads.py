"""A kernel for every way to index a tensor that is read."""

from __future__ import annotations

import torch
from torch.nn import functional as F

import helion.language as hl
from tests.parity.indexing.case import IndexCase, floats, integers


def by_tile(x: torch.Tensor, out: torch.Tensor) -> None:
    for t in hl.tile(x.size(0)):
        out[t] = x[t] * 2


def by_shifted_tile(x: torch.Tensor, out: torch.Tensor) -> None:
    for t in hl.tile(out.size(0)):
        out[t] = x[t + 3]


def by_tile_shifted_by_an_argument(x: torch.Tensor, k: int, out: torch.Tensor) -> None:
    for t in hl.tile(out.size(0)):
        out[t] = x[t + k]


def by_constant(x: torch.Tensor, out: torch.Tensor) -> None:
    for t in hl.tile(out.size(0)):
        out[t] = x[2, t]


def by_negative_constant(x: torch.Tensor, out: torch.Tensor) -> None:
    for t in hl.tile(out.size(0)):
        out[t] = x[-1, t] + x[t, -2]


def by_argument(x: torch.Tensor, k: int, out: torch.Tensor) -> None:
    for t in hl.tile(out.size(0)):
        out[t] = x[k, t]


def by_grid_index(x: torch.Tensor, out: torch.Tensor) -> None:
    for i in hl.grid(x.size(0)):
        for t in hl.tile(x.size(1)):
            out[i, t] = x[i, t] + i


def by_expression_of_a_tile(x: torch.Tensor, out: torch.Tensor) -> None:
    for t in hl.tile(out.size(0), block_size=1):
        out[t] = x[t.begin * 2] + x[t.begin * 2 + 1]


def by_full_slice(x: torch.Tensor, out: torch.Tensor) -> None:
    for t in hl.tile(x.size(0)):
        out[t, :] = x[t, :] + 1


def by_full_slice_first(x: torch.Tensor, out: torch.Tensor) -> None:
    for t in hl.tile(x.size(1)):
        out[t] = (x[:, t] + 1).sum(0)


def by_constant_slices(x: torch.Tensor, out: torch.Tensor) -> None:
    for t in hl.tile(x.size(0)):
        out[t] = x[t, 2:7].sum(1) + x[t, 3:11].amax(1)


def by_slice_to(x: torch.Tensor, out: torch.Tensor) -> None:
    for t in hl.tile(x.size(0)):
        out[t] = (x[t, :5] - 1000).amax(1)


def by_slice_from(x: torch.Tensor, out: torch.Tensor) -> None:
    for t in hl.tile(x.size(0)):
        out[t] = (x[t, 7:] + 1).prod(1)


def by_negative_slices(x: torch.Tensor, out: torch.Tensor) -> None:
    for t in hl.tile(x.size(0)):
        out[t] = x[t, -5:].sum(1) + x[t, :-9].sum(1) + x[t, -7:-2].sum(1)


def by_slice_past_the_end(x: torch.Tensor, out: torch.Tensor) -> None:
    for t in hl.tile(x.size(0)):
        out[t] = x[t, 7:100].sum(1)


def by_strided_slices(x: torch.Tensor, out: torch.Tensor) -> None:
    for t in hl.tile(x.size(0)):
        out[t] = x[t, 1:12:3].sum(1) + x[t, ::5].sum(1) + x[t, 2::4].sum(1)


def by_argument_slice(x: torch.Tensor, k: hl.constexpr, out: torch.Tensor) -> None:
    for t in hl.tile(x.size(0)):
        out[t] = x[t, :k].sum(1) + x[t, k:].amax(1)


def by_slice_of_a_tile(x: torch.Tensor, out: torch.Tensor) -> None:
    for t in hl.tile(x.size(0)):
        out[t] = x[t.begin : t.begin + t.block_size] * 2


def by_slice_of_two_tiles(x: torch.Tensor, out: torch.Tensor) -> None:
    for t in hl.tile(out.size(0)):
        first = t.begin * 2
        last = first + t.block_size * 2
        pairs = x[first:last].reshape(t.block_size, 2)
        out[t] = pairs.sum(1)


def by_slice_at_a_loaded_place(x: torch.Tensor, starts: torch.Tensor, out: torch.Tensor) -> None:
    for i in hl.grid(starts.size(0)):
        k0 = starts[i]
        out[i, :] = x[k0 : k0 + 5]


def by_new_axis(x: torch.Tensor, out: torch.Tensor) -> None:
    for t in hl.tile(x.size(0)):
        out[t, :] = (x[t, None, :] + x[None, t, :].reshape(t, 1, -1)).sum(1)


def by_ellipsis(x: torch.Tensor, out: torch.Tensor) -> None:
    for t, u in hl.tile([x.size(0), x.size(2)]):
        out[t, u] = x[t, ..., u].sum(1) + x[..., u].sum(1).sum(0)[None, :] + x[t, ...].sum(2).sum(1)[:, None]


def by_fewer_indices(x: torch.Tensor, out: torch.Tensor) -> None:
    for t in hl.tile(x.size(0)):
        out[t] = x[t].sum(2).sum(1)


def by_tensor(x: torch.Tensor, rows: torch.Tensor, out: torch.Tensor) -> None:
    for t, u in hl.tile([rows.size(0), x.size(1)]):
        out[t, u] = x[rows[t], u]


def by_tensor_and_slice(x: torch.Tensor, rows: torch.Tensor, out: torch.Tensor) -> None:
    for t in hl.tile(rows.size(0)):
        out[t] = (x[rows[t], :] + 1).sum(1) + x[rows[t], 2:5].sum(1)


def by_scalar_tensor(x: torch.Tensor, rows: torch.Tensor, out: torch.Tensor) -> None:
    for t in hl.tile(out.size(0)):
        i = rows[1]
        out[t] = x[rows[0], t] + x[i, t] + x[t, i]


def by_matrix_of_indices(x: torch.Tensor, places: torch.Tensor, out: torch.Tensor) -> None:
    for t, u in hl.tile(places.size()):
        out[t, u] = x[places[t, u]] + hl.load(x, [places[t, u]])


def by_broadcast_tensors(x: torch.Tensor, rows: torch.Tensor, columns: torch.Tensor, out: torch.Tensor) -> None:
    for t, u in hl.tile(out.size()):
        i, j = rows[t], columns[u]
        out[t, u] = x[i[:, None], j[None, :]] * 2


def by_matrices_of_indices(x: torch.Tensor, rows: torch.Tensor, columns: torch.Tensor, out: torch.Tensor) -> None:
    for t, u in hl.tile(rows.size()):
        out[t, u] = x[rows[t, u], columns[t, u]] + x[rows[t, u], columns[0, u]]


def by_matrix_and_tile(x: torch.Tensor, rows: torch.Tensor, out: torch.Tensor) -> None:
    for t, u, v in hl.tile(out.size()):
        out[t, u, v] = x[rows[t, u], v]


def by_two_vectors(x: torch.Tensor, rows: torch.Tensor, columns: torch.Tensor, out: torch.Tensor) -> None:
    for t, u in hl.tile(out.size()):
        out[t, u] = x[rows[t], columns[u]]


def by_one_vector_twice(x: torch.Tensor, rows: torch.Tensor, out: torch.Tensor) -> None:
    for t in hl.tile(rows.size(0), block_size=8):
        i = rows[t]
        out[t] = x[i, i].sum(1)


def by_long_slices(x: torch.Tensor, out: torch.Tensor) -> None:
    for t in hl.tile(x.size(0)):
        out[t] = x[t, 4:].sum(1) + x[t, :256].amax(1) + x[t, 5:290].sum(1) + x[t, ::2].sum(1)


def past_the_end(x: torch.Tensor, starts: torch.Tensor, out: torch.Tensor) -> None:
    for i in hl.grid(starts.size(0)):
        k0 = starts[i]
        out[i, :] = x[k0 : k0 + 5] + x[k0 - 1 : k0 + 4]


def by_builtin_slices(x: torch.Tensor, out: torch.Tensor) -> None:
    for t in hl.tile(x.size(0)):
        out[t] = hl.load(x, [t, slice(None)]).sum(1) + hl.load(x, [t, slice(1, 6)]).sum(1)


def by_one_tile_twice(x: torch.Tensor, out: torch.Tensor) -> None:
    for t in hl.tile(x.size(0), block_size=16):
        out[t] = x[t, t].sum(1)


def by_tuple_of_tiles(x: torch.Tensor, y: torch.Tensor, out: torch.Tensor) -> None:
    for t in hl.tile([x.size(0), x.size(1)]):
        out[t] = x[t] + y[t].sum(-1) + y[t, :].amax(-1)


def by_unwrapped_tile(x: torch.Tensor, out: torch.Tensor) -> None:
    for t in hl.tile([x.size(0)]):
        out[t] = x[t] * 2


def by_wrapped_tile(x: torch.Tensor, out: torch.Tensor) -> None:
    for (t,) in hl.tile([x.size(0)]):
        out[t] = x[t] * 2


def of_size_one(x: torch.Tensor, row: torch.Tensor, column: torch.Tensor, out: torch.Tensor) -> None:
    for t, u in hl.tile(x.size()):
        out[t, u] = x[t, u] + row[t, u] * 10 + column[t, u] * 100


def of_a_scalar(x: torch.Tensor, s: torch.Tensor, out: torch.Tensor) -> None:
    for t in hl.tile(x.size(0)):
        out[t] = x[t] * hl.load(s, []) + s[()]


def with_extra_mask(x: torch.Tensor, out: torch.Tensor) -> None:
    for t, u in hl.tile(x.size()):
        even = t.index % 2 == 0
        out[t, u] = hl.load(x, [t, u], extra_mask=even[:, None]) + hl.load(x, [t, u], extra_mask=(u.index > 3)[None, :])


def with_eviction_policy(x: torch.Tensor, out: torch.Tensor) -> None:
    for t in hl.tile(x.size(0)):
        out[t] = hl.load(x, [t], eviction_policy="evict_first") + hl.load(x, [t], eviction_policy="")


def by_arange(x: torch.Tensor, out: torch.Tensor) -> None:
    for t in hl.tile(x.size(0)):
        out[t] = x[t, hl.arange(5)].sum(1) + x[t, hl.arange(1, 12, 2)].amax(1)


def by_arange_of_a_tile(x: torch.Tensor, out: torch.Tensor) -> None:
    for t in hl.tile(out.size(0), block_size=1):
        out[t] = x[t.begin * 2 + hl.arange(t.block_size * 2)].sum(0)


def beside_factories(x: torch.Tensor, out: torch.Tensor) -> None:
    n = hl.specialize(x.size(1))
    for t in hl.tile(x.size(0)):
        acc = hl.zeros([t, n]) + x[t, :]
        out[t] = acc.sum(1) + hl.full([t, 12], 1.0).sum(1)


def by_flat_index(x: torch.Tensor, starts: torch.Tensor, out: torch.Tensor) -> None:
    for t, u in hl.tile(out.size()):
        places = starts[t][:, None] + u.index[None, :]
        out[t, u] = x[places]


def _floats(*shapes: tuple[int, ...]):
    return lambda: tuple(floats(*shape) for shape in shapes)


ROWS = integers(4, 0, 0, 6, 2, 5, 1)
COLUMNS = integers(3, 11, 5, 0, 7)


def _copy(value):
    """`expected` that copies what a function of the inputs gives."""

    def expected(*arguments):
        arguments[-1].copy_(value(*arguments[:-1]))

    return expected


LOADS = (
    IndexCase(by_tile, _floats((13,)), (13,), _copy(lambda x: x * 2)),
    IndexCase(by_shifted_tile, _floats((16,)), (13,), _copy(lambda x: x[3:])),
    IndexCase(by_tile_shifted_by_an_argument, lambda: (floats(16), 2), (13,), _copy(lambda x, k: x[k : k + 13])),
    IndexCase(by_constant, _floats((5, 13)), (13,), _copy(lambda x: x[2])),
    IndexCase(by_negative_constant, _floats((13, 13)), (13,), _copy(lambda x: x[-1] + x[:, -2])),
    IndexCase(by_argument, lambda: (floats(5, 13), 3), (13,), _copy(lambda x, k: x[k])),
    IndexCase(by_grid_index, _floats((5, 13)), (5, 13), _copy(lambda x: x + torch.arange(5)[:, None])),
    IndexCase(by_expression_of_a_tile, _floats((26,)), (13,), _copy(lambda x: x[::2] + x[1::2])),
    IndexCase(by_full_slice, _floats((5, 12)), (5, 12), _copy(lambda x: x + 1)),
    IndexCase(by_full_slice_first, _floats((12, 5)), (5,), _copy(lambda x: (x + 1).sum(0))),
    IndexCase(by_constant_slices, _floats((5, 12)), (5,), _copy(lambda x: x[:, 2:7].sum(1) + x[:, 3:11].amax(1))),
    IndexCase(by_slice_to, _floats((5, 12)), (5,), _copy(lambda x: (x[:, :5] - 1000).amax(1))),
    IndexCase(by_slice_from, _floats((5, 12)), (5,), _copy(lambda x: (x[:, 7:] + 1).prod(1))),
    IndexCase(by_negative_slices, _floats((5, 12)), (5,), _copy(lambda x: x[:, -5:].sum(1) + x[:, :-9].sum(1) + x[:, -7:-2].sum(1))),
    IndexCase(by_slice_past_the_end, _floats((5, 12)), (5,), _copy(lambda x: x[:, 7:100].sum(1))),
    IndexCase(by_strided_slices, _floats((5, 12)), (5,), _copy(lambda x: x[:, 1:12:3].sum(1) + x[:, ::5].sum(1) + x[:, 2::4].sum(1))),
    IndexCase(by_argument_slice, lambda: (floats(5, 12), 5), (5,), _copy(lambda x, k: x[:, :k].sum(1) + x[:, k:].amax(1))),
    IndexCase(by_slice_of_a_tile, _floats((13,)), (13,), _copy(lambda x: x * 2)),
    IndexCase(by_slice_of_two_tiles, _floats((26,)), (13,), _copy(lambda x: x.view(13, 2).sum(1))),
    IndexCase(
        by_slice_at_a_loaded_place,
        lambda: (floats(26), integers(3, 0, 21)),
        (3, 5),
        _copy(lambda x, starts: torch.stack([x[s : s + 5] for s in starts])),
    ),
    IndexCase(by_new_axis, _floats((5, 12)), (5, 12), _copy(lambda x: x + x)),
    IndexCase(by_ellipsis, _floats((5, 3, 6)), (5, 6), _copy(lambda x: x.sum(1) + x.sum((0, 1))[None] + x.sum((1, 2))[:, None])),
    IndexCase(by_fewer_indices, _floats((5, 3, 6)), (5,), _copy(lambda x: x.sum((1, 2)))),
    IndexCase(by_tensor, lambda: (floats(7, 12), ROWS), (7, 12), _copy(lambda x, rows: x[rows])),
    IndexCase(by_tensor_and_slice, lambda: (floats(7, 12), ROWS), (7,), _copy(lambda x, rows: (x[rows] + 1).sum(1) + x[rows, 2:5].sum(1))),
    IndexCase(by_scalar_tensor, lambda: (floats(7, 7), ROWS), (7,), _copy(lambda x, rows: x[4] + x[0] + x[:, 0])),
    IndexCase(by_matrix_of_indices, lambda: (floats(84), ROWS[:, None] * 12 + COLUMNS), (7, 5), _copy(lambda x, p: x[p] * 2)),
    IndexCase(by_broadcast_tensors, lambda: (floats(7, 12), ROWS, COLUMNS), (7, 5), _copy(lambda x, i, j: x[i[:, None], j[None, :]] * 2)),
    IndexCase(
        by_matrices_of_indices,
        lambda: (floats(7, 12), ROWS[:, None].expand(7, 5).contiguous(), (ROWS[:, None] + COLUMNS) % 12),
        (7, 5),
        _copy(lambda x, i, j: x[i, j] + x[i, j[0]]),
    ),
    IndexCase(by_matrix_and_tile, lambda: (floats(7, 12), (ROWS[:, None] + COLUMNS) % 7), (7, 5, 12), _copy(lambda x, rows: x[rows])),
    IndexCase(by_two_vectors, lambda: (floats(7, 12), ROWS, COLUMNS), (7, 5), _copy(lambda x, i, j: x[i[:, None], j[None, :]])),
    IndexCase(by_one_vector_twice, lambda: (floats(7, 7), ROWS), (7,), _copy(lambda x, rows: x[rows[:, None], rows[None, :]].sum(1))),
    IndexCase(
        by_long_slices,
        lambda: (floats(3, 300) / 512,),
        (3,),
        _copy(lambda x: x[:, 4:].sum(1) + x[:, :256].amax(1) + x[:, 5:290].sum(1) + x[:, ::2].sum(1)),
    ),
    IndexCase(
        past_the_end,
        lambda: (floats(26), integers(3, 22, 25)),
        (3, 5),
        _copy(lambda x, starts: torch.stack([F.pad(x, (0, 9))[s : s + 5] + F.pad(x, (0, 9))[s - 1 : s + 4] for s in starts])),
        not_eager="torch's slice would be shorter there",
    ),
    IndexCase(by_builtin_slices, _floats((5, 12)), (5,), _copy(lambda x: x.sum(1) + x[:, 1:6].sum(1))),
    IndexCase(by_one_tile_twice, _floats((13, 13)), (13,), _copy(lambda x: x.sum(1))),
    IndexCase(by_tuple_of_tiles, _floats((5, 12), (5, 12, 3)), (5, 12), _copy(lambda x, y: x + y.sum(-1) + y.amax(-1))),
    IndexCase(by_unwrapped_tile, _floats((13,)), (13,), _copy(lambda x: x * 2)),
    IndexCase(by_wrapped_tile, _floats((13,)), (13,), _copy(lambda x: x * 2)),
    IndexCase(of_size_one, _floats((5, 12), (1, 12), (5, 1)), (5, 12), _copy(lambda x, r, c: x + r * 10 + c * 100)),
    IndexCase(of_a_scalar, lambda: (floats(13), floats()), (13,), _copy(lambda x, s: x * s + s)),
    IndexCase(
        with_extra_mask,
        _floats((5, 12)),
        (5, 12),
        _copy(lambda x: x * (torch.arange(5) % 2 == 0)[:, None] + x * (torch.arange(12) > 3)),
    ),
    IndexCase(with_eviction_policy, _floats((13,)), (13,), _copy(lambda x: x * 2)),
    IndexCase(by_arange, _floats((5, 12)), (5,), _copy(lambda x: x[:, :5].sum(1) + x[:, 1:12:2].amax(1))),
    IndexCase(by_arange_of_a_tile, _floats((26,)), (13,), _copy(lambda x: x.view(13, 2).sum(1))),
    IndexCase(beside_factories, _floats((5, 12)), (5,), _copy(lambda x: x.sum(1) + 12)),
    IndexCase(by_flat_index, lambda: (floats(40), integers(3, 0, 20, 35, 7)), (5, 5), _copy(lambda x, s: x[s[:, None] + torch.arange(5)])),
)
