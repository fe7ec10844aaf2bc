"""The work of real kernels, counted by the model and by hand."""

from __future__ import annotations

import torch

from helion.autotune.model.count_work import count_work
from helion.autotune.model.predict import predict
from helion.autotune.model.work import DotWork, MemoryWork, Work
from helion.target import DEFAULT_TARGET
from tests.autotune.lowered import Lowered, lowered


def work_of(kernel: Lowered, **values: object) -> Work:
    (work,) = count_work(kernel.ir, kernel.config(**values), DEFAULT_TARGET)
    return work


def access(work: Work, name: str) -> MemoryWork:
    return next(access for access in work.memory if access.name.startswith(name))


def test_a_matmul() -> None:
    kernel = lowered("matmul", (1024, 512), (512, 2048))
    work = work_of(kernel, block_sizes=[64, 128, 32], num_warps=4, num_stages=3, l2_groupings=[4])
    assert work.grid.counts == (16, 16)
    assert work.grid.group == 4
    assert work.dots == (DotWork(1, 64, 128, 32, 16, 16.0),)
    x, y, out = access(work, "load x"), access(work, "load y"), access(work, "store out")
    assert (x.bytes, x.executions, x.grid_axes, x.contiguous_bytes, x.pipelined) == (64 * 32 * 2, 16, (0,), 64, True)
    assert (y.bytes, y.executions, y.grid_axes, y.contiguous_bytes, y.pipelined) == (32 * 128 * 2, 16, (1,), 256, True)
    assert (out.bytes, out.executions, out.grid_axes, out.pipelined) == (64 * 128 * 2, 1, (0, 1), False)
    assert work.shared_bytes == 3 * (64 * 32 + 32 * 128) * 2


def test_loop_order_and_persistence() -> None:
    kernel = lowered("matmul", (1024, 512), (512, 2048))
    work = work_of(kernel, block_sizes=[64, 128, 32], loop_orders=[[1, 0]], pid_type="persistent_blocked", num_sm_multiplier=2)
    assert work.grid.counts == (16, 16)
    assert access(work, "load x").grid_axes == (1,)
    assert work.grid.resident_programs == 2 * DEFAULT_TARGET.multiprocessors
    assert work.grid.blocked


def test_a_softmax_whole_and_in_chunks() -> None:
    kernel = lowered("softmax", (4096, 1000), dtype=torch.float32)
    whole = work_of(kernel, block_sizes=[1], reduction_loops=[None])
    assert [m.bytes for m in whole.memory] == [4000, 4000]
    assert whole.special_operations >= 1024
    chunked = work_of(kernel, block_sizes=[1], reduction_loops=[256])
    loads = [m for m in chunked.memory if m.is_load]
    assert len(loads) == 3
    assert all((m.bytes, m.executions) == (256 * 4, 4) for m in loads)
    assert predict(kernel.ir, kernel.config(block_sizes=[1], reduction_loops=[None]), DEFAULT_TARGET, None).microseconds > 0


def test_a_loop_that_ends_at_a_tile_counts_its_average() -> None:
    kernel = lowered("causal_sum", (1024, 1024))
    work = work_of(kernel, block_sizes=[64, 64])
    load = access(work, "load x")
    assert load.executions == 9  # 544 of 1024 columns on average, in blocks of 64


def test_a_transposed_store_is_short_runs() -> None:
    kernel = lowered("transposed_copy", (1024, 1024))
    work = work_of(kernel, block_sizes=[16, 128])
    assert access(work, "load x").contiguous_bytes == 256
    assert access(work, "store out").contiguous_bytes == 32
