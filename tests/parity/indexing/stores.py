"""A kernel for every way to index a tensor that is written, and for every kind of value."""

from __future__ import annotations

import torch

import helion.language as hl
from tests.parity.indexing.case import IndexCase, floats, integers


def to_shifted_tile(x: torch.Tensor, out: torch.Tensor) -> None:
    for t in hl.tile(x.size(0)):
        out[t + 2] = x[t]


def to_constants(x: torch.Tensor, out: torch.Tensor) -> None:
    for t in hl.tile(x.size(0)):
        out[1, t] = x[t]
        out[-1, t] = x[t] * 2


def to_grid_index(x: torch.Tensor, out: torch.Tensor) -> None:
    for i in hl.grid(x.size(0)):
        out[i] = x[i, :].sum()


def to_begin(x: torch.Tensor, out: torch.Tensor) -> None:
    for t in hl.tile(x.size(0), block_size=1):
        out[t.begin * 2] = x[t].sum()
        out[t.begin * 2 + 1] = 7


def to_full_slice(x: torch.Tensor, out: torch.Tensor) -> None:
    for t in hl.tile(x.size(1)):
        out[:, t] = x[:, t] + 1


def to_slices(x: torch.Tensor, out: torch.Tensor) -> None:
    for t in hl.tile(x.size(0)):
        out[t, 2:7] = x[t, :]
        out[t, :2] = x[t, 1:3] * 10
        out[t, 9:] = x[t, 2:] * 100


def to_strided_slice(x: torch.Tensor, out: torch.Tensor) -> None:
    for t in hl.tile(x.size(0)):
        out[t, ::3] = x[t, 1:]
        out[t, 1:9:2] = x[t, 1:] * 10


def to_slice_of_a_tile(x: torch.Tensor, out: torch.Tensor) -> None:
    for t in hl.tile(x.size(0)):
        out[t.begin : t.begin + t.block_size] = x[t] * 2


def to_slice_at_a_loaded_place(x: torch.Tensor, starts: torch.Tensor, out: torch.Tensor) -> None:
    for i in hl.grid(starts.size(0)):
        k0 = starts[i]
        out[k0 : k0 + 5] = x[i, :]


def with_new_axis(x: torch.Tensor, out: torch.Tensor) -> None:
    for t in hl.tile(x.size(0)):
        out[t, None, :] = x[t, :][:, None, :]


def to_ellipsis(x: torch.Tensor, out: torch.Tensor) -> None:
    for t in hl.tile(x.size(1)):
        out[..., t] = x[:, t][None, :, :] + 1


def to_fewer_indices(x: torch.Tensor, out: torch.Tensor) -> None:
    for t in hl.tile(x.size(0)):
        out[t] = x[t] + 1


def to_tensor(x: torch.Tensor, rows: torch.Tensor, out: torch.Tensor) -> None:
    for t, u in hl.tile(x.size()):
        out[rows[t], u] = x[t, u]


def to_scalar_tensor(x: torch.Tensor, rows: torch.Tensor, out: torch.Tensor) -> None:
    for t in hl.tile(x.size(0)):
        out[rows[2], t] = x[t]


def to_matrix_of_indices(x: torch.Tensor, places: torch.Tensor, out: torch.Tensor) -> None:
    for t, u in hl.tile(x.size()):
        out[places[t, u]] = x[t, u]


def to_broadcast_tensors(x: torch.Tensor, rows: torch.Tensor, columns: torch.Tensor, out: torch.Tensor) -> None:
    for t, u in hl.tile(x.size()):
        out[rows[t][:, None], columns[u][None, :]] = x[t, u]


def to_two_vectors(x: torch.Tensor, rows: torch.Tensor, columns: torch.Tensor, out: torch.Tensor) -> None:
    for t, u in hl.tile(x.size()):
        out[rows[t], columns[u]] = x[t, u]


def to_one_tile_twice(x: torch.Tensor, out: torch.Tensor) -> None:
    for t in hl.tile(x.size(0), block_size=16):
        out[t, t] = x[t][:, None] * x[t][None, :]


def to_tuple_of_tiles(x: torch.Tensor, out: torch.Tensor) -> None:
    for t in hl.tile(x.size()):
        out[t] = x[t] + 1


def to_tuple_of_fewer_tiles(x: torch.Tensor, out: torch.Tensor) -> None:
    for t in hl.tile([x.size(0), x.size(1)]):
        out[t] = x[t] + 1


def to_a_scalar(x: torch.Tensor, out: torch.Tensor) -> None:
    for _ in hl.grid(1):
        out[()] = x[:].sum()


def a_number(x: torch.Tensor, k: int, out: torch.Tensor) -> None:
    for t in hl.tile(x.size(0)):
        out[t, 0] = 1.5
        out[t, 1] = k
        out[t, 2] = x.size(0)
        out[t, 3:5] = 2
        hl.store(out, [t, 5], True)


def a_zero_dimensional_value(x: torch.Tensor, out: torch.Tensor) -> None:
    for t, u in hl.tile(out.size()):
        out[t, u] = x[:].sum()


def a_value_of_size_one(x: torch.Tensor, out: torch.Tensor) -> None:
    for t, u in hl.tile(out.size()):
        out[t, u] = x[t][:, None]


def another_dtype(x: torch.Tensor, out: torch.Tensor) -> None:
    for t in hl.tile(x.size(0)):
        out[t] = x[t] + 0.25


def added(x: torch.Tensor, out: torch.Tensor) -> None:
    for t in hl.tile(x.size(0)):
        out[t] += x[t]
        out[t] *= 3


def with_mask(x: torch.Tensor, out: torch.Tensor) -> None:
    for t, u in hl.tile(x.size()):
        hl.store(out, [t, u], x[t, u], extra_mask=(t.index % 2 == 0)[:, None])


def into_a_transposed_view(x: torch.Tensor, out: torch.Tensor) -> None:
    turned = out.t()
    for t, u in hl.tile(x.size()):
        turned[t, u] = x[t, u]


def from_and_into_turned_tensors(x: torch.Tensor, out: torch.Tensor) -> None:
    """The engine moves them as they lie in memory, with neighbours along the first dimension."""
    turned = out.permute(2, 0, 1)
    for t, u, v in hl.tile(x.size()):
        turned[t, u, v] = x[t, u, v] + 1


def rows_of_turned_tensors(x: torch.Tensor, out: torch.Tensor) -> None:
    turned = out.transpose(1, 2)
    for t in hl.tile(x.size(0)):
        for u in hl.tile(x.size(2)):
            turned[t, :, u] = x[t, :, u] * 2


def into_every_second(x: torch.Tensor, out: torch.Tensor) -> None:
    odd = out[1:, ::2]
    for t, u in hl.tile(x.size()):
        odd[t, u] = x[t, u]


def into_a_reshaped_view(x: torch.Tensor, out: torch.Tensor) -> None:
    flat = out.view(-1)
    for t in hl.tile(flat.size(0)):
        flat[t] = x[t]


def of_an_expanded_tensor(x: torch.Tensor, out: torch.Tensor) -> None:
    wide = x[:, None].expand(x.size(0), out.size(1))
    for t, u in hl.tile(out.size()):
        out[t, u] = wide[t, u] + wide[t, 0][:, None]


def of_a_view_with_an_offset(x: torch.Tensor, out: torch.Tensor) -> None:
    rest, half = x[1:], x[16:]
    for t in hl.tile(out.size(0)):
        out[t] = rest[t] * half[t]


def rows_of_one(x: torch.Tensor, out: torch.Tensor) -> None:
    for t, u in hl.tile([x.size(0), x.size(1)]):
        out[t, u, :] = x[t, u, :] * 2


def of_nothing(x: torch.Tensor, out: torch.Tensor) -> None:
    for t in hl.tile(out.size(0)):
        out[t] = x[t, :].sum(1)


def through_a_short_row(x: torch.Tensor, out: torch.Tensor) -> None:
    for t in hl.tile(5):
        out[t] = x[t] * 2


def _floats(*shapes):
    return lambda: tuple(floats(*shape) for shape in shapes)


def _shifted(x, out):
    out[2:] = x


def _constants(x, out):
    out[1], out[-1] = x, x * 2


def _begins(x, out):
    out[::2], out[1::2] = x, 7


def _slices(x, out):
    out[:, 2:7], out[:, :2], out[:, 9:] = x, x[:, 1:3] * 10, x[:, 2:] * 100


def _strided(x, out):
    out[:, ::3] = x[:, 1:]
    out[:, 1:9:2] = x[:, 1:] * 10


def _at_starts(x, starts, out):
    for row, start in enumerate(starts.tolist()):
        out[start : start + 5] = x[row]


def _scattered(x, rows, out):
    out[rows] = x


def _one_row(x, rows, out):
    out[rows[2]] = x


def _outer(x, rows, columns, out):
    out[rows[:, None], columns[None, :]] = x


def _numbers(x, k, out):
    out[:, 0], out[:, 1], out[:, 2], out[:, 3:5], out[:, 5] = 1.5, k, x.size(0), 2, 1


def _masked(x, out):
    out[::2] = x[::2]


def _odd(x, out):
    out[1:, ::2] = x


def _copy(value):
    def expected(*arguments):
        arguments[-1].copy_(value(*arguments[:-1]))

    return expected


def _added(x, out):
    out.add_(x).mul_(3)


def _short(x, out):
    out[:5] = x[:5] * 2


ROWS = integers(4, 0, 3, 6, 2, 5, 1)
COLUMNS = integers(3, 11, 5, 0, 7)

STORES = (
    IndexCase(to_shifted_tile, _floats((13,)), (15,), _shifted),
    IndexCase(to_constants, _floats((13,)), (4, 13), _constants),
    IndexCase(to_grid_index, _floats((5, 12)), (5,), _copy(lambda x: x.sum(1))),
    IndexCase(to_begin, _floats((13,)), (26,), _begins),
    IndexCase(to_full_slice, _floats((5, 12)), (5, 12), _copy(lambda x: x + 1)),
    IndexCase(to_slices, _floats((6, 5)), (6, 12), _slices),
    IndexCase(to_strided_slice, _floats((6, 5)), (6, 12), _strided),
    IndexCase(to_slice_of_a_tile, _floats((13,)), (13,), _copy(lambda x: x * 2)),
    IndexCase(to_slice_at_a_loaded_place, lambda: (floats(3, 5), integers(6, 0, 18)), (26,), _at_starts),
    IndexCase(with_new_axis, _floats((5, 12)), (5, 12), _copy(lambda x: x)),
    IndexCase(to_ellipsis, _floats((5, 12)), (1, 5, 12), _copy(lambda x: x[None] + 1)),
    IndexCase(to_fewer_indices, _floats((5, 3, 6)), (5, 3, 6), _copy(lambda x: x + 1)),
    IndexCase(to_tensor, lambda: (floats(7, 12), ROWS), (7, 12), _scattered),
    IndexCase(to_scalar_tensor, lambda: (floats(13), ROWS), (7, 13), _one_row),
    IndexCase(to_matrix_of_indices, lambda: (floats(7, 5), ROWS[:, None] * 12 + COLUMNS), (84,), _scattered),
    IndexCase(to_broadcast_tensors, lambda: (floats(7, 5), ROWS, COLUMNS), (7, 12), _outer),
    IndexCase(to_two_vectors, lambda: (floats(7, 5), ROWS, COLUMNS), (7, 12), _outer),
    IndexCase(to_one_tile_twice, _floats((13,)), (13, 13), _copy(lambda x: x[:, None] * x[None])),
    IndexCase(to_tuple_of_tiles, _floats((5, 12)), (5, 12), _copy(lambda x: x + 1)),
    IndexCase(to_tuple_of_fewer_tiles, _floats((5, 12, 3)), (5, 12, 3), _copy(lambda x: x + 1)),
    IndexCase(to_a_scalar, _floats((12,)), (), _copy(lambda x: x.sum())),
    IndexCase(a_number, lambda: (floats(13), 9), (13, 6), _numbers),
    IndexCase(a_zero_dimensional_value, _floats((12,)), (5, 12), _copy(lambda x: x.sum())),
    IndexCase(a_value_of_size_one, _floats((5,)), (5, 12), _copy(lambda x: x[:, None])),
    IndexCase(another_dtype, _floats((13,)), (13,), _copy(lambda x: (x + 0.25).int()), dtype=torch.int32),
    IndexCase(added, _floats((13,)), (13,), _added),
    IndexCase(with_mask, _floats((5, 12)), (5, 12), _masked),
    IndexCase(into_a_transposed_view, _floats((5, 12)), (12, 5), _copy(lambda x: x.t())),
    IndexCase(
        from_and_into_turned_tensors,
        lambda: (floats(8, 6, 12).permute(2, 0, 1),),
        (8, 6, 12),
        _copy(lambda x: x.permute(1, 2, 0) + 1),
    ),
    IndexCase(rows_of_turned_tensors, lambda: (floats(5, 12, 16).transpose(1, 2),), (5, 12, 16), _copy(lambda x: x.transpose(1, 2) * 2)),
    IndexCase(into_every_second, _floats((4, 6)), (5, 12), _odd),
    IndexCase(into_a_reshaped_view, _floats((60,)), (5, 12), _copy(lambda x: x.view(5, 12))),
    IndexCase(of_an_expanded_tensor, _floats((5,)), (5, 12), _copy(lambda x: x[:, None] * 2)),
    IndexCase(of_a_view_with_an_offset, _floats((80,)), (64,), _copy(lambda x: x[1:65] * x[16:])),
    IndexCase(rows_of_one, _floats((17, 1, 3)), (17, 1, 3), _copy(lambda x: x * 2)),
    IndexCase(of_nothing, _floats((5, 0)), (5,), _copy(lambda x: x.sum(1))),
    IndexCase(through_a_short_row, _floats((13,)), (13,), _short),
)
