"""What loops and branches carry: numbers that become tensors, tuples, names that a loop assigns first, conditions that call functions."""

from __future__ import annotations

from typing import Any

import torch

import helion
import helion.language as hl
from tests.language.arguments import cube, matrix, vector
from tests.language.program import Program

kernel = helion.kernel(autotune_effort="none")


@kernel
def number_becomes_tensor(x: torch.Tensor, indices: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        best, total, seen = 0, 0.0, False
        for i in hl.grid(x.size(0)):
            best = max(best, indices[i])
            total = total + x[i]
            seen = seen | (indices[i] > 3)
        out[tile] = x[tile] * best + total * seen
    return out


@kernel
def number_becomes_tile(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    sums, counts = x.new_empty([x.size(0)]), torch.empty([x.size(0)], dtype=torch.int64, device=x.device)
    for tile in hl.tile(x.size(0)):
        total, count = 0, 0
        for inner in hl.tile(x.size(1)):
            total += x[tile, inner].sum(-1)
            count += (x[tile, inner] > 0).sum(-1)
        sums[tile], counts[tile] = total, count
    return sums, counts


@kernel
def number_in_nested_loops(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        total = 0
        for row in hl.grid(3):
            for inner in hl.tile(x.size(1)):
                total = total + x[row, inner].sum()
            if row > 1:
                total = 1
            else:
                total = total + 1
        out[tile, :] = x[tile, :] * total
    return out


@kernel
def tensor_on_one_side(x: torch.Tensor, indices: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        step = 1
        if x[0] > 1000:
            step = indices[0]
        total = x[tile]
        for _ in hl.grid(3):
            out[tile] = total + step
            total = 2.5
    return out


@kernel
def tuple_carried(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        numbers, values = (0, 1), (x[tile], x[tile] + 1)
        for _ in hl.grid(5):
            numbers = (numbers[1], numbers[0] + numbers[1])
            values = (values[1], values[0] + values[1])
        if x[0] > 1000:
            values = (values[1], values[0])
        out[tile] = values[0] + numbers[0]
    return out


@kernel
def block_size_counts_up(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        length = tile.block_size
        for _ in hl.grid(3):
            length = length + 1
        out[tile] = x[tile] * (length - tile.block_size)
    return out


def _before(i: Any, end: Any) -> Any:
    last = end - 1
    return i < last


@kernel
def condition_calls_function(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        i, total = 0, 0
        while _before(i, x.size(0)):
            total = total + x[i]
            i += 1
        out[tile] = x[tile] * total
    return out


@kernel
def flag_chooses_ints(x: torch.Tensor, causal: bool, end: int) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0), block_size=16):
        total = hl.zeros([tile])
        for i in hl.grid(min(tile.end, end) if causal else end):
            total = total + x[i] * (2 if causal else 3)
        out[tile] = total
    return out


@kernel
def unrolled_branches(x: torch.Tensor, n: int) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        total = x[tile]
        for factor in (1.0, 2.0, 4.0):
            if n == 1:
                total = total - factor
        for i in hl.static_range(2):
            for j in hl.static_range(3):
                if j == 1:
                    total = total + i
                elif i == n:
                    total = total * 2
        out[tile] = total
    return out


@kernel
def unrolled_rounds_read_the_last(x: torch.Tensor, n: int) -> torch.Tensor:
    out = torch.zeros_like(x)
    for tile in hl.tile(x.size(0)):
        for i in hl.static_range(3):
            if i > 0:
                out[tile] += last  # noqa: F821 - the round before assigned it
            for j in range(n):
                last = x[tile] * (i + j)  # noqa: F841
    return out


def _both(x: torch.Tensor, indices: torch.Tensor) -> torch.Tensor:
    return x * indices.max() + x.sum() * (indices > 3).any()


def _indices(device: str) -> tuple[torch.Tensor, torch.Tensor]:
    return (*vector(device), (torch.arange(45) % 5).to(device))


@kernel
def loaded_before_it_is_overwritten(x: torch.Tensor) -> torch.Tensor:
    width = hl.specialize(x.size(2))
    out = x.clone()
    for i in hl.grid(x.size(0)):
        total = hl.zeros([width], dtype=x.dtype)
        for j in hl.grid(x.size(1)):
            here = out[i, j, :]
            out[i, j, :] = total
            total = total + here
    return out


PROGRAMS = (
    Program(loaded_before_it_is_overwritten, cube, lambda x: x.cumsum(1) - x),
    Program(number_becomes_tensor, _indices, _both),
    Program(number_becomes_tile, matrix, lambda x: (x.sum(1), (x > 0).sum(1))),
    Program(number_in_nested_loops, matrix, lambda x: x),
    Program(tensor_on_one_side, _indices, lambda x, _: torch.full_like(x, 3.5)),
    Program(tuple_carried, vector, lambda x: x * 8 + 10),
    Program(block_size_counts_up, vector, lambda x: x * 3),
    Program(unrolled_branches, lambda d: (*vector(d), 1), lambda x, _: ((x - 7) * 2 + 1) * 2),
    Program(unrolled_rounds_read_the_last, lambda d: (*vector(d), 4), lambda x, _: x * 3 + x * 4),
    Program(condition_calls_function, vector, lambda x: x * x[:-1].sum()),
    Program(
        flag_chooses_ints,
        lambda d: (*vector(d), True, 20),
        lambda x, _, n: 2 * torch.stack([x[: min(-(-(i + 1) // 16) * 16, n)].sum() for i in range(45)]),
    ),
)
