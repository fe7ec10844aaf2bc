"""Which bytes of one grid loop come from memory and which from the L2 cache: programs that run at once share what they both read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from helion.autotune.model.work import GridWork, MemoryWork, Work
from helion.target import Target

_SECTOR_BYTES = 32
# What is read again after a wave finds this share of the L2 still holding it; the rest is streaming traffic.
_USEFUL_L2 = 0.6
_SAMPLED_WAVES = 3


@dataclass(frozen=True)
class Traffic:
    """Bytes of the whole launch: `memory` to and from device memory, `cache` between the L2 and the multiprocessors."""

    memory: float
    cache: float


def traffic_of(work: Work, concurrent: int, target: Target) -> Traffic:
    """`concurrent` programs run at the same time."""
    tiles = work.grid.tiles
    if tiles == 0:
        return Traffic(0.0, 0.0)
    waves = _sampled_waves(work.grid, min(concurrent, tiles))
    memory = cache = 0.0
    footprint = sum(min(access.tensor_bytes, access.bytes * access.executions * tiles) for access in work.memory)
    read_before: set[str] = set()
    for access in work.memory:
        per_program = access.bytes * access.executions * _waste(access)
        requested = per_program * tiles
        cache += requested
        unique = min(access.tensor_bytes * _waste(access), requested)
        if not access.is_load:
            memory += requested
            continue
        shared = np.mean([_distinct(coordinates, access.grid_axes) / len(coordinates) for coordinates in waves])
        streamed = max(unique, requested * float(shared))
        if access.tensor in read_before:
            # The program read it a moment ago: it comes from the cache if what all programs at hand read still fits.
            again = per_program * len(waves[0]) * float(shared)
            memory += streamed * (1.0 - min(1.0, _USEFUL_L2 * target.l2_bytes / max(again, 1.0)))
            continue
        read_before.add(access.tensor)
        kept = min(1.0, _USEFUL_L2 * target.l2_bytes / max(footprint, 1.0))
        memory += unique + (streamed - unique) * (1.0 - kept)
    return Traffic(memory, cache)


def _waste(access: MemoryWork) -> float:
    """Bytes moved for a useful byte: memory moves whole sectors."""
    run = max(access.contiguous_bytes, 1)
    return -(-run // _SECTOR_BYTES) * _SECTOR_BYTES / run


def _distinct(coordinates: npt.NDArray[np.int64], axes: tuple[int, ...]) -> int:
    """How many of the rows differ in these columns: each row as one number, since numpy compares whole rows fifty times slower."""
    numbers = np.zeros(len(coordinates), dtype=np.int64)
    for axis in axes:
        column = coordinates[:, axis]
        numbers = numbers * (column.max() + 1) + column
    return len(np.unique(numbers))


def _sampled_waves(grid: GridWork, concurrent: int) -> list[npt.NDArray[np.int64]]:
    """The tile coordinates of the programs that run together, for a few waves spread over the launch."""
    tiles = grid.tiles
    waves = -(-tiles // concurrent)
    chosen = sorted({0, waves // 2, max(0, waves - 2)})[:_SAMPLED_WAVES]
    if grid.resident_programs is not None and grid.blocked:
        share = -(-tiles // concurrent)
        ids = [np.arange(concurrent) * share + min(wave, share - 1) for wave in chosen]
    else:
        ids = [np.arange(wave * concurrent, min(tiles, (wave + 1) * concurrent)) for wave in chosen]
    return [tile_coordinates(grid, wave[wave < tiles]) for wave in ids]


def tile_coordinates(grid: GridWork, ids: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """One row of coordinates a program id, by the same arithmetic as the generated code."""
    columns: list[npt.NDArray[np.int64]] = []
    counts, rest = list(grid.counts), ids
    if grid.group > 1 and len(counts) >= 2:
        inner, outer = counts.pop(), counts.pop()
        local, rest = rest % (outer * inner), rest // (outer * inner)
        in_group = grid.group * inner
        first = local // in_group * grid.group
        size = np.minimum(outer - first, grid.group)
        columns = [local % in_group // size, first + local % in_group % size]
    for count in reversed(counts):
        columns.append(rest % count)
        rest = rest // count
    return np.stack(columns[::-1], axis=1)
