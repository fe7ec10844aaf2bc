"""Control flow on the device: unrolled, sequential and conditional code, loops with bounds only known at run time, carried values."""

from __future__ import annotations

import torch

import helion
import helion.language as hl
from tests.language.arguments import cube, matrix, randn, three, vector
from tests.language.program import Program

kernel = helion.kernel(autotune_effort="none")


@kernel
def static_range_indexes_tuple(xs: tuple[torch.Tensor, ...]) -> torch.Tensor:
    out = torch.zeros_like(xs[0])
    for tile in hl.tile(out.size(0)):
        acc = hl.zeros([tile])
        for i in hl.static_range(3):
            acc += xs[i][tile] * (i + 1)
        out[tile] = acc
    return out


@kernel
def static_range_with_start_and_step(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        acc = x[tile]
        for i in hl.static_range(1, 8, 3):
            acc = acc * 2 + i
        out[tile] = acc
    return out


@kernel
def device_range(x: torch.Tensor, times: int) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        acc = x[tile]
        for i in range(times):
            acc = acc + x[tile] * i
        out[tile] = acc
    return out


@kernel
def range_over_dimension(x: torch.Tensor) -> torch.Tensor:
    out = x.new_zeros([x.size(0)])
    for tile in hl.tile(x.size(0)):
        acc = hl.zeros([tile])
        for column in range(x.size(1)):
            acc += x[tile, column]
        out[tile] = acc
    return out


@kernel
def grid_with_step(x: torch.Tensor) -> torch.Tensor:
    out = torch.zeros_like(x)
    for i in hl.grid(0, x.size(0), 2):
        for tile in hl.tile(x.size(1)):
            out[i, tile] = x[i, tile] + 1
    return out


@kernel
def grid_of_two_dimensions(x: torch.Tensor) -> torch.Tensor:
    out = torch.zeros_like(x)
    for i, j in hl.grid([x.size(0), x.size(1)]):
        for tile in hl.tile(x.size(2)):
            out[i, j, tile] = x[i, j, tile] * 2 + i - j
    return out


@kernel
def while_with_tensor_counter(x: torch.Tensor, limit: int) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        acc = x[tile]
        count = hl.full([], 0, dtype=torch.int32)
        while count < limit:
            acc = acc * 1.5
            count = count + 1
        out[tile] = acc
    return out


@kernel
def while_with_int_counter(x: torch.Tensor, limit: int) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        acc = x[tile]
        count = 0
        while count < limit:
            acc = acc + count
            count += 2
        out[tile] = acc
    return out


@kernel
def carried_int_in_loop(x: torch.Tensor) -> torch.Tensor:
    out = torch.zeros_like(x)
    for tile in hl.tile(x.size(0)):
        position = 0
        for column in range(x.size(1)):
            out[tile, position] = x[tile, column] + position
            position = position + 1
    return out


@kernel
def first_assigned_in_loop(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x[:, 0])
    for tile in hl.tile(x.size(0)):
        for column in range(x.size(1)):
            last = x[tile, column] * 2
        out[tile] = last
    return out


@kernel
def runtime_if_on_tile(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0), block_size=16):
        value = x[tile]
        if tile.id == 0:
            value = value * 100
        elif tile.id == 1:
            value = value * 10
        else:
            value = -value
        out[tile] = value
    return out


@kernel
def runtime_if_assigns_in_both(x: torch.Tensor, flag: int) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        if flag > 3:
            value = x[tile] + 1
        else:
            value = x[tile] - 1
        out[tile] = value
    return out


@kernel
def runtime_if_on_loaded_scalar(x: torch.Tensor, switch: torch.Tensor) -> torch.Tensor:
    out = torch.zeros_like(x)
    for i in hl.grid(x.size(0)):
        if switch[i] > 0:
            for tile in hl.tile(x.size(1)):
                out[i, tile] = x[i, tile]
    return out


@kernel
def boolean_operators(x: torch.Tensor, low: int, high: int, flag: bool) -> torch.Tensor:
    out = torch.zeros_like(x)
    for i in hl.grid(x.size(0)):
        if (low <= i < high and not flag) or i == 0:
            out[i] = x[i]
    return out


@kernel
def conditional_expressions(x: torch.Tensor, flag: int, mode: str) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        factor = 2.0 if mode == "double" else 3.0
        shift = 1.0 if flag > 0 else -1.0
        out[tile] = x[tile] * factor + shift
    return out


@kernel
def string_dispatch(x: torch.Tensor, mode: str) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        if mode in ("sum", "mean"):
            out[tile] = x[tile] + 1
        elif mode == "none":
            out[tile] = x[tile] - 1
        else:
            out[tile] = not_a_name(x[tile])  # noqa: F821  the branch is not taken
    return out


@kernel
def two_loops(x: torch.Tensor, y: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    a = torch.empty_like(x)
    b = torch.empty_like(y)
    for tile in hl.tile(x.size(0)):
        a[tile] = x[tile] + 1
    for tile_m, tile_n in hl.tile([y.size(0), y.size(1)]):
        b[tile_m, tile_n] = y[tile_m, tile_n] * 2
    return a, b


@kernel
def loop_with_begin(x: torch.Tensor, y: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    a = torch.zeros_like(x)
    b = torch.zeros_like(y)
    for tile in hl.tile(5, x.size(0)):
        a[tile] = x[tile] + tile.begin * 0
    for tile in hl.tile(3, y.size(0), 16):
        b[tile] = y[tile]
    return a, b


@kernel
def barrier_between_loops(x: torch.Tensor) -> torch.Tensor:
    partial = torch.empty_like(x)
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        partial[tile] = x[tile] * 2
    hl.barrier()
    for tile in hl.tile(x.size(0)):
        out[tile] = partial[tile] + 1
    return out


@kernel
def ragged_rows(values: torch.Tensor, offsets: torch.Tensor) -> torch.Tensor:
    out = values.new_zeros([offsets.size(0) - 1])
    for i in hl.grid(offsets.size(0) - 1):
        acc = hl.zeros([], dtype=torch.float32)
        for tile in hl.tile(offsets[i], offsets[i + 1]):
            acc += values[tile].sum(0)
        out[i] = acc
    return out


@kernel
def ragged_rows_of_tile(x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    out = x.new_zeros([x.size(0)])
    for tile in hl.tile(x.size(0)):
        ends = lengths[tile]
        acc = hl.zeros([tile])
        for inner in hl.tile(0, ends.amax()):
            mask = inner.index[None, :] < ends[:, None]
            acc += hl.load(x, [tile, inner], extra_mask=mask).sum(1)
        out[tile] = acc
    return out


@kernel
def jagged_rows(x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    out = torch.zeros_like(x)
    for tile in hl.tile(x.size(0)):
        ends = lengths[tile]
        for inner in hl.jagged_tile(ends):
            out[tile, inner] = x[tile, inner] + 1
    return out


@kernel
def jagged_sum(x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    out = x.new_zeros([x.size(0)])
    for tile in hl.tile(x.size(0)):
        total = hl.zeros([tile])
        for inner in hl.jagged_tile(lengths[tile]):
            total += (x[tile, inner] + 1).sum(-1)
        out[tile] = total
    return out


@kernel
def bound_in_tensor(x: torch.Tensor, count: torch.Tensor) -> torch.Tensor:
    out = torch.zeros_like(x)
    for tile in hl.tile(count):
        out[tile] = x[tile] * 2
    return out


@kernel
def tile_of_tile(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x[:, 0])
    for outer in hl.tile(x.size(0), block_size=32):
        for tile in hl.tile(outer.begin, outer.end):
            out[tile] = x[tile, :].sum(-1)
    return out


@kernel
def tile_attributes(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0), block_size=16):
        out[tile] = x[tile] * tile.count + tile.id + tile.begin * 10 + tile.end * 100 + tile.block_size * 1000 + tile.index
    return out


@kernel
def nested_loops_carry(x: torch.Tensor) -> torch.Tensor:
    out = x.new_empty([x.size(0)])
    for tile in hl.tile(x.size(0)):
        total = hl.zeros([tile])
        for tile_n in hl.tile(x.size(1)):
            part = hl.zeros([tile])
            for tile_k in hl.tile(x.size(2)):
                part += x[tile, tile_n, tile_k].sum(-1).sum(-1)
            total = total * 1.0 + part
        out[tile] = total
    return out


@kernel
def loop_of_two_axes(x: torch.Tensor) -> torch.Tensor:
    out = x.new_empty([x.size(0)])
    for tile in hl.tile(x.size(0)):
        total = hl.zeros([tile])
        for tile_n, tile_k in hl.tile([x.size(1), x.size(2)]):
            total += x[tile, tile_n, tile_k].sum(-1).sum(-1)
        out[tile] = total
    return out


@kernel
def flat_tiles(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for a, b, c in hl.tile(x.size()):
        value = x[a, b, c] + hl.zeros([a, b, c])
        for _ in range(1, 3):
            value = value * y[a, b, c]
        out[a, b, c] = torch.where(value > 0, value, 0.1)
    return out


@kernel
def flat_inner_loop(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for i in hl.grid(x.size(0)):
        for b, c in hl.tile([x.size(1), x.size(2)]):
            out[i, b, c] = x[i, b, c] * 2
    return out


@kernel
def min_and_max_of_numbers(x: torch.Tensor, limit: int) -> torch.Tensor:
    out = torch.zeros_like(x)
    for tile in hl.tile(min(x.size(0), limit)):
        out[tile] = x[tile] * max(2, tile.begin * 0)
    return out


def _by_tile(x: torch.Tensor) -> torch.Tensor:
    index = torch.arange(x.size(0), device=x.device)
    return torch.where(index < 16, x * 100, torch.where(index < 32, x * 10, -x))


def _attributes(x: torch.Tensor) -> torch.Tensor:
    index = torch.arange(x.size(0), device=x.device)
    begin = index // 16 * 16
    return x * 3 + index // 16 + begin * 10 + (begin + 16).clamp(max=45) * 100 + 16000 + index


def _masked_rows(x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    return torch.arange(x.size(1), device=x.device)[None, :] < lengths[:, None]


def _lengths(device: str) -> tuple[torch.Tensor, torch.Tensor]:
    return randn(13, 21).to(device), torch.tensor([0, 1, 21, 5, 16, 17, 3, 2, 9, 0, 20, 7, 11], dtype=torch.int32).to(device)


def _only(x: torch.Tensor, keep: torch.Tensor, value: torch.Tensor) -> torch.Tensor:
    return torch.where(keep, value, torch.zeros_like(x))


def _every_second(x: torch.Tensor) -> torch.Tensor:
    out = torch.zeros_like(x)
    out[::2] = x[::2] + 1
    return out


def _grid_two(x: torch.Tensor) -> torch.Tensor:
    i = torch.arange(x.size(0), device=x.device)[:, None, None]
    j = torch.arange(x.size(1), device=x.device)[None, :, None]
    return x * 2 + i - j


PROGRAMS = (
    Program(static_range_indexes_tuple, three, lambda xs: xs[0] + 2 * xs[1] + 3 * xs[2]),
    Program(static_range_with_start_and_step, vector, lambda x: ((x * 2 + 1) * 2 + 4) * 2 + 7),
    Program(device_range, lambda d: (*vector(d), 5), lambda x, _: x * 11),
    Program(range_over_dimension, matrix, lambda x: x.sum(1)),
    Program(grid_with_step, matrix, _every_second),
    Program(grid_of_two_dimensions, cube, _grid_two),
    Program(while_with_tensor_counter, lambda d: (*vector(d), 4), lambda x, _: x * 1.5**4),
    Program(while_with_int_counter, lambda d: (*vector(d), 5), lambda x, _: x + 6),
    Program(carried_int_in_loop, matrix, lambda x: x + torch.arange(x.size(1), device=x.device)),
    Program(first_assigned_in_loop, matrix, lambda x: x[:, -1] * 2),
    Program(runtime_if_on_tile, vector, _by_tile),
    Program(runtime_if_assigns_in_both, lambda d: (*vector(d), 5), lambda x, _: x + 1),
    Program(
        runtime_if_on_loaded_scalar,
        lambda d: (*matrix(d), (torch.arange(13) % 3 - 1).to(d)),
        lambda x, switch: x * (switch > 0)[:, None],
    ),
    Program(
        boolean_operators,
        lambda d: (*vector(d), 3, 9, False),
        lambda x, low, high, _: (
            x * ((torch.arange(45, device=x.device) >= low) & (torch.arange(45, device=x.device) < high))
            + x * (torch.arange(45, device=x.device) == 0)
        ),
    ),
    Program(conditional_expressions, lambda d: (*vector(d), 0, "double"), lambda x, *_: x * 2 - 1),
    Program(string_dispatch, lambda d: (*vector(d), "mean"), lambda x, _: x + 1),
    Program(two_loops, lambda d: (*vector(d), *matrix(d)), lambda x, y: (x + 1, y * 2)),
    Program(
        loop_with_begin,
        lambda d: (*vector(d), *vector(d)),
        lambda x, y: (torch.cat([x[:5] * 0, x[5:]]), torch.cat([y[:3] * 0, y[3:]])),
    ),
    Program(barrier_between_loops, vector, lambda x: x * 2 + 1),
    Program(
        ragged_rows,
        lambda d: (*vector(d), torch.tensor([0, 3, 3, 20, 45]).to(d)),
        lambda x, o: torch.stack([x[a:b].sum() for a, b in zip(o[:-1].tolist(), o[1:].tolist(), strict=True)]),
    ),
    Program(ragged_rows_of_tile, _lengths, lambda x, n: (x * _masked_rows(x, n)).sum(1)),
    Program(jagged_rows, _lengths, lambda x, n: _only(x, _masked_rows(x, n), x + 1)),
    Program(jagged_sum, _lengths, lambda x, n: ((x + 1) * _masked_rows(x, n)).sum(1)),
    Program(
        bound_in_tensor,
        lambda d: (*vector(d), torch.tensor(20).to(d)),
        lambda x, n: torch.cat([x[:n] * 2, x[n:] * 0]),
    ),
    Program(tile_of_tile, lambda d: (randn(45, 21).to(d),), lambda x: x.sum(1)),
    Program(tile_attributes, vector, _attributes, tolerance=1e-3),
    Program(nested_loops_carry, cube, lambda x: x.sum((1, 2))),
    Program(loop_of_two_axes, cube, lambda x: x.sum((1, 2))),
    Program(
        flat_tiles,
        lambda d: (*cube(d), randn(5, 7, 19, seed=1).to(d)),
        lambda x, y: torch.where(x * y * y > 0, x * y * y, torch.tensor(0.1, device=x.device)),
    ),
    Program(flat_inner_loop, cube, lambda x: x * 2),
    Program(
        min_and_max_of_numbers,
        lambda d: (*vector(d), 20),
        lambda x, n: torch.cat([x[:n] * 2, x[n:] * 0]),
    ),
)
