"""The model on hand-counted work: what it must rank right, and the arithmetic of tiles and traffic."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from helion.autotune.model.estimate import estimate
from helion.autotune.model.resources import Resources, guess_resources
from helion.autotune.model.traffic import tile_coordinates, traffic_of
from helion.autotune.model.work import BlockWork, DotWork, GridWork, MemoryWork, Work
from helion.target import find_target

H200 = find_target("sm_90")
COPY_BANDWIDTH = 4.256e12


def matmul_work(block: tuple[int, int, int], *, size: int = 8192, warps: int = 8, stages: int = 4, group: int = 8) -> Work:
    m, n, k = block
    trips = size // k
    whole = size * size * 2
    ahead = stages > 1
    return Work(
        grid=GridWork((size // m, size // n), group),
        num_warps=warps,
        num_stages=stages,
        memory=(
            MemoryWork("load a", "a", True, m * k * 2, trips, whole, (0,), k * 2, ahead),
            MemoryWork("load b", "b", True, k * n * 2, trips, whole, (1,), n * 2, ahead),
            MemoryWork("store c", "c", False, m * n * 2, 1, whole, (0, 1), n * 2, False),
        ),
        dots=(DotWork(1, m, n, k, 16, trips),),
        blocks=(BlockWork(trips, int(not ahead), 0, 1, stages), BlockWork(1, 0, 0, 0, 0)),
        vector_operations=m * n,
        special_operations=0.0,
        live_bytes=m * n * 4,
        shared_bytes=(m + n) * k * 2 * stages,
    )


def copy_work(block: int, *, length: int = 1 << 27, warps: int = 4, contiguous: int | None = None) -> Work:
    run = contiguous or block * 4
    memory = tuple(MemoryWork(f"access {name}", name, name == "x", block * 4, 1, length * 4, (0,), run, False) for name in ("x", "out"))
    return Work(
        grid=GridWork((length // block,)),
        num_warps=warps,
        num_stages=1,
        memory=memory,
        dots=(),
        blocks=(BlockWork(1, 1, 0, 0, 0),),
        vector_operations=block,
        special_operations=0.0,
        live_bytes=block * 4,
        shared_bytes=0.0,
    )


def time_of(work: Work, *, blocks: int | None = None, local_bytes: float = 0.0) -> float:
    resources = guess_resources(work, H200)
    if blocks is not None or local_bytes:
        resources = Resources(blocks or resources.blocks, local_bytes, resources.tensor_core, guessed=False)
    return estimate(work, resources, H200).microseconds


def test_a_big_product_comes_near_the_tensor_cores_peak_and_never_over_it() -> None:
    flops = 2 * 8192**3
    reached = flops / (time_of(matmul_work((128, 256, 64))) * 1e-6)
    assert 0.65 * H200.tensor_core_flops_16bit < reached < H200.tensor_core_flops_16bit


def test_a_copy_comes_near_the_memory_bandwidth_and_never_over_it() -> None:
    reached = 2 * 4 * (1 << 27) / (time_of(copy_work(4096)) * 1e-6)
    assert 0.85 * COPY_BANDWIDTH < reached <= COPY_BANDWIDTH


@pytest.mark.parametrize(
    ("faster", "slower"),
    [
        (matmul_work((128, 256, 64)), matmul_work((64, 64, 32), warps=4)),
        (matmul_work((64, 64, 32), warps=4), matmul_work((16, 16, 16), warps=4)),
        (matmul_work((128, 256, 64), stages=4), matmul_work((128, 256, 64), stages=1)),
        (copy_work(1024), copy_work(32, warps=1)),
        (copy_work(1024), copy_work(1024, contiguous=4)),
    ],
    ids=["tiles", "small-tiles", "stages", "block", "coalescing"],
)
def test_it_ranks(faster: Work, slower: Work) -> None:
    assert time_of(faster) < 0.9 * time_of(slower)


def test_persistent_programs_that_do_not_fit_at_once_take_turns() -> None:
    work = matmul_work((128, 256, 64))
    one, eight = (replace(work, grid=replace(work.grid, resident_programs=132 * share)) for share in (1, 8))
    assert time_of(eight, blocks=1) >= time_of(one, blocks=1)


def test_spills_and_low_occupancy_cost() -> None:
    work = matmul_work((128, 256, 64))
    assert time_of(work, blocks=1, local_bytes=512) > time_of(work, blocks=1) * 1.05
    assert time_of(copy_work(256), blocks=2) > time_of(copy_work(256), blocks=16) * 1.5


def test_what_does_not_fit_is_hopeless() -> None:
    assert time_of(matmul_work((256, 256, 256), stages=8)) > 1e9


@pytest.mark.parametrize("counts", [(5, 7), (8, 8), (3, 5, 7)])
@pytest.mark.parametrize("group", [1, 4, 16])
def test_every_tile_is_visited_once(counts: tuple[int, ...], group: int) -> None:
    grid = GridWork(counts, group)
    rows = tile_coordinates(grid, np.arange(grid.tiles))
    assert {tuple(row) for row in rows.tolist()} == set(itertools.product(*(range(count) for count in counts)))


def test_grouping_walks_down_before_across() -> None:
    rows = tile_coordinates(GridWork((8, 8), 4), np.arange(6)).tolist()
    assert rows == [[0, 0], [1, 0], [2, 0], [3, 0], [0, 1], [1, 1]]


def test_grouping_saves_memory_traffic() -> None:
    alone, grouped = (traffic_of(matmul_work((128, 256, 64), group=group), 132, H200).memory for group in (1, 8))
    assert grouped < 0.8 * alone


def test_traffic_is_at_least_every_byte_once() -> None:
    whole = 3 * 8192 * 8192 * 2
    traffic = traffic_of(matmul_work((128, 256, 64)), 132, H200)
    assert whole <= traffic.memory <= traffic.cache


def test_what_fits_in_the_cache_is_read_from_memory_once() -> None:
    traffic = traffic_of(matmul_work((64, 64, 64), size=1024), 132, H200)
    assert traffic.memory == pytest.approx(3 * 1024 * 1024 * 2)


def test_an_empty_launch_costs_the_launch() -> None:
    empty = copy_work(1024, length=0)
    assert time_of(empty, blocks=16) == pytest.approx(2.2)


def test_what_a_program_read_a_moment_ago_comes_from_the_cache() -> None:
    once = copy_work(8192, length=1 << 25)
    twice = replace(once, memory=(*once.memory, once.memory[0]))
    assert traffic_of(twice, 132 * 4, H200).memory == traffic_of(once, 132 * 4, H200).memory
    assert traffic_of(twice, 132 * 4, H200).cache == 1.5 * traffic_of(once, 132 * 4, H200).cache
