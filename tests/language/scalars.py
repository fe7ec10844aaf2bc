"""Programs about scalars: numbers of tiles computed from memory, what the machine says, and loops that go from where others ended."""

from __future__ import annotations

from typing import Any

import torch

import helion
import helion.language as hl
from tests.language.arguments import vector
from tests.language.program import Program


@helion.kernel
def tiles_of_groups(offsets: torch.Tensor, width: torch.Tensor) -> torch.Tensor:
    """How many tiles each group has, of rows and of columns, and what is left of the last: none of it depends on the config."""
    groups, columns = offsets.size(0) - 1, width.size(0)
    out = torch.empty([groups, 4], dtype=torch.int64, device=offsets.device)
    block_m = hl.register_block_size(1, 16)
    block_n = hl.register_block_size(1, 16)
    tiles_n = helion.cdiv(columns, block_n)
    for g in hl.grid(groups):
        count = offsets[g + 1] - offsets[g]
        tiles = (count + block_m - 1) // block_m * tiles_n
        left = (count % block_m + block_m) % block_m
        covered = hl.zeros([], dtype=torch.int64)
        for tile in hl.grid(0, tiles, 1):
            rows = tile // tiles_n * block_m + hl.arange(block_m)
            cells = tile % tiles_n * block_n + hl.arange(block_n)
            inside = (rows < count)[:, None] & (cells < columns)[None, :]
            covered = covered + inside.to(torch.int64).sum(-1).sum(-1)
        out[g, 0] = covered
        out[g, 1] = count // block_m * block_m + left - count
        out[g, 2] = (g - count) % 7
        out[g, 3] = (g - count) // 4
    return out


def _tiles_of_groups(offsets: torch.Tensor, width: torch.Tensor) -> torch.Tensor:
    count = offsets[1:] - offsets[:-1]
    g = torch.arange(len(count), device=offsets.device)
    return torch.stack([count * len(width), count * 0, (g - count) % 7, (g - count) // 4], 1)


@helion.kernel
def shared_out(x: torch.Tensor) -> torch.Tensor:
    """As many programs as multiprocessors, where there are some."""
    out = torch.empty_like(x)
    if x.device.type == "cuda":
        workers = torch.cuda.get_device_properties(x.device.index).multi_processor_count
    else:
        workers = 3
    for worker in hl.grid(workers):
        for i in hl.grid(worker, x.size(0), workers):
            out[i] = x[i] + 1
    return out


@helion.kernel
def shared_out_evenly(x: torch.Tensor, counts: torch.Tensor) -> torch.Tensor:
    """Items of several lists, numbered through: each worker goes on in the next list where its turn is."""
    out = torch.zeros_like(x)
    workers = helion.runtime.get_num_sm(x.device)
    for worker in hl.grid(workers):
        first = hl.full([], worker, dtype=counts.dtype)
        for g in hl.grid(counts.size(0)):
            count = counts[g]
            for i in hl.grid(first, count, workers):
                hl.atomic_add(out, [i], x[i])
            first = (first - count) % workers
    return out


def _shared_out_evenly(x: torch.Tensor, counts: torch.Tensor) -> torch.Tensor:
    times = (torch.arange(len(x), device=x.device)[:, None] < counts[None, :]).sum(1)
    return x * times


def _offsets(device: str) -> tuple[Any, ...]:
    return torch.tensor([0, 20, 20, 21, 37], device=device), torch.empty(35, device=device)


@helion.kernel
def rounded_down(x: torch.Tensor, s: int) -> torch.Tensor:
    """Quotients and remainders of negative numbers, as Python rounds them: of an index, an argument, a size, and both ways round."""
    n = x.size(0)
    out = torch.empty([n, 8], dtype=torch.int64, device=x.device)
    for g in hl.grid(n):
        out[g, 0] = (g - 5) // 2
        out[g, 1] = (g - 1) % n
        out[g, 2] = (s - g) // 4
        out[g, 3] = s // 2
        out[g, 4] = s % 3
        out[g, 5] = (x[g].to(torch.int32) - 5) // 2
        out[g, 6] = hl.arange(0, n, 3).sum() + (-n) // 4
        out[g, 7] = (g - n) // -3 + (g - 5) % -3
    return out


def _rounded_down(x: torch.Tensor, s: int) -> torch.Tensor:
    n = len(x)
    values = x.int().tolist()
    rows = [
        [
            (g - 5) // 2,
            (g - 1) % n,
            (s - g) // 4,
            s // 2,
            s % 3,
            (values[g] - 5) // 2,
            sum(range(0, n, 3)) + -n // 4,
            (g - n) // -3 + (g - 5) % -3,
        ]
        for g in range(n)
    ]
    return torch.tensor(rows, device=x.device)


@helion.kernel
def halves_rounded_up(x: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """Views of an odd size that torch rounds up, where shapes are arguments too."""
    steps, (first, _) = x[::2], x.chunk(2)
    every, half = torch.zeros_like(steps), torch.zeros_like(first)
    for tile in hl.tile(steps.size(0)):
        every[tile] = steps[tile] + 1
    for tile in hl.tile(first.size(0)):
        half[tile] = first[tile] + 1
    return every, half


PROGRAMS = (
    Program(rounded_down, lambda d: (*vector(d), -7), _rounded_down),
    Program(halves_rounded_up, vector, lambda x: (x[::2] + 1, x.chunk(2)[0] + 1)),
    Program(tiles_of_groups, _offsets, _tiles_of_groups),
    Program(shared_out, vector, lambda x: x + 1),
    Program(shared_out_evenly, lambda d: (*vector(d), torch.tensor([7, 0, 45, 1, 13], device=d)), _shared_out_evenly),
)
