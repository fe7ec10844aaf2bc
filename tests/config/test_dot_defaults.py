"""Default tiles of kernels with dots: packed operands, several grid loops, batches, parts of a sum."""

from __future__ import annotations

from typing import Any

import pytest
import torch

import helion
from examples.addmm import addmm_backward
from examples.attention import attention, causal_attention
from examples.attention_backward import attention_grad_kv, attention_grad_q
from examples.bf16xint16_gemm import bf16xint16
from examples.bmm import bmm
from examples.conv2d import conv2d
from examples.fp8_gemm import fp8_gemm
from examples.fp8_matmul import fp8_matmul
from examples.int4_gemm import int4_gemm
from examples.mamba2_chunk_scan import mamba2_chunk_scan
from examples.mamba2_chunk_state import mamba2_chunk_state
from examples.matmul import matmul, matmul_backward
from examples.matmul_split_k import matmul_split_k
from examples.nvfp4_gemm import nvfp4_gemm
from examples.split_k_barrier import split_k_barrier
from helion import compiler
from helion.runtime.bound_kernel import BoundKernel
from helion.runtime.kernel import Kernel
from helion.target import find_target


def default_of(kernel: Kernel, *arguments: torch.Tensor | float, target: str = "sm_90") -> Any:
    fresh = helion.kernel(kernel.fn, autotune_effort="none", ignore_warnings=[helion.exc.BaseWarning])
    device = find_target(target)
    assert device is not None
    return compiler.config_space(BoundKernel(fresh, fresh.normalize_args(*arguments)).ir, device).default()


def bf16(*shape: int) -> torch.Tensor:
    return torch.empty(shape, dtype=torch.bfloat16)


def test_packed_rows_count_for_those_they_hold() -> None:
    packed = torch.empty([2048, 4096], dtype=torch.int8)
    assert default_of(int4_gemm, bf16(4096, 4096), packed, target="sm_100").block_sizes == [32, 128, 256]


def test_a_computed_right_operand_serves_many_rows_where_it_is_multiplied_from_registers() -> None:
    packed, integers = torch.empty([2048, 4096], dtype=torch.int8), torch.empty([1024, 1280], dtype=torch.int16)
    assert default_of(int4_gemm, bf16(4096, 4096), packed).block_sizes == [32, 256, 128]
    assert default_of(bf16xint16, bf16(65536, 1024), integers).block_sizes == [256, 128, 64]
    assert default_of(matmul, bf16(4096, 4096), bf16(4096, 4096)).block_sizes == [128, 256, 64]


def test_an_unpacked_operand_leaves_fewer_registers_for_sums() -> None:
    packed = torch.empty([2048, 4096], dtype=torch.int8)
    assert default_of(int4_gemm, bf16(4096, 4096), packed, target="sm_80").block_sizes == [32, 128, 128]


def test_two_packed_operands_leave_fewer_still() -> None:
    packed, scales = torch.empty([4096, 2048], dtype=torch.uint8), torch.empty([4096, 256], dtype=torch.float8_e4m3fn)
    config = default_of(nvfp4_gemm, packed, packed, scales, scales, 1.0)
    assert (config.block_sizes, config["num_warps"]) == ([128, 128, 8], 8)


def test_k_is_as_long_as_a_row_of_shared_memory() -> None:
    for dtype, k in ((torch.float32, 32), (torch.bfloat16, 64)):
        operand = torch.empty([4096, 4096], dtype=dtype)
        assert default_of(matmul, operand, operand).block_sizes[2] == k


def test_every_grid_loop_has_tiles_of_its_own_kind() -> None:
    square = bf16(4096, 4096)
    assert default_of(matmul_backward, square, square, square).block_sizes == [128, 256, 64, 128, 256, 64]
    config = default_of(addmm_backward, square, square, square, square)
    assert config.block_sizes == [2, 1024, 128, 256, 64, 128, 256, 64]
    assert config["l2_groupings"] == [1, 8, 8]


def test_the_matrices_of_a_batch_are_programs() -> None:
    assert default_of(matmul, bf16(512, 1024), bf16(1024, 1024)).block_sizes[:2] == [64, 64]
    assert default_of(bmm, bf16(16, 512, 1024), bf16(16, 1024, 1024)).block_sizes[:3] == [1, 128, 256]


@pytest.mark.parametrize("kernel", [matmul_split_k, split_k_barrier], ids=lambda kernel: kernel.name)
def test_the_parts_of_a_sum_are_programs(kernel: Kernel) -> None:
    assert default_of(kernel, bf16(64, 32768), bf16(32768, 512)).block_sizes[:2] == [64, 128]
    assert default_of(matmul, bf16(64, 32768), bf16(32768, 512)).block_sizes[:2] == [64, 32]


def test_keys_are_walked_in_the_steps_that_were_measured() -> None:
    heads, narrow = (bf16(2, 16, 4096, width) for width in (128, 64))
    over_all, up_to_itself = default_of(attention, heads, heads, heads), default_of(causal_attention, heads, heads, heads)
    assert (over_all.block_sizes, over_all["num_stages"]) == ([1, 128, 128], 3)
    assert (up_to_itself.block_sizes, up_to_itself["num_stages"], up_to_itself["indexing"]) == ([1, 128, 64], 2, ["tensor_descriptor"] * 4)
    for kernel in (attention, causal_attention):
        config = default_of(kernel, narrow, narrow, narrow)
        assert (config.block_sizes, config["num_stages"], config["num_warps"]) == ([1, 128, 64], 3, 8)


def test_tiles_are_halved_where_that_spares_a_round_that_few_take_part_in() -> None:
    expected = {3072: [128, 128], 2048: [128, 256], 2560: [128, 256], 4096: [128, 256], 5120: [128, 256], 8192: [128, 256]}
    for side, tile in expected.items():
        assert default_of(matmul, bf16(side, side), bf16(side, side)).block_sizes[:2] == tile, side


def test_a_program_alone_on_its_multiprocessor_takes_more_of_its_shared_memory() -> None:
    assert default_of(matmul, bf16(64, 8192), bf16(8192, 8192))["num_stages"] == 6
    assert default_of(matmul, bf16(64, 8192), bf16(8192, 64 * 200))["num_stages"] == 4


def scan(batch: int, heads: int, groups: int, head_dim: int) -> tuple[torch.Tensor, ...]:
    """The arguments of a chunk scan of 4,096 rows in chunks of 256, with 128 states."""
    chunks, chunk, states = 16, 256, 128
    decay = bf16(batch, heads, chunks, chunk)
    c, before = bf16(batch, chunks * chunk, groups, states), bf16(batch, chunks, heads, head_dim, states)
    return bf16(batch, chunks, groups, chunk, chunk), bf16(batch, chunks * chunk, heads, head_dim), decay, decay, c, before, bf16(heads)


def test_short_products_of_one_sum_have_small_programs() -> None:
    config = default_of(mamba2_chunk_scan, *scan(8, 80, 1, 64))
    assert (config.block_sizes, config["num_warps"], config["num_stages"]) == ([64, 64, 64], 4, 2)
    vectors = [place for place, way in enumerate(config["indexing"]) if way == "pointer"]
    assert vectors == [0, 3, 5, 8], "decay of rows and keys, dt, and the one number of skip"
    other = default_of(mamba2_chunk_scan, *scan(8, 80, 1, 64), target="sm_100")
    assert other.block_sizes == [128, 64, 64]


def test_programs_that_share_most_run_at_a_time() -> None:
    """Of the order heads, rows, columns, batch, chunks: heads share rows of `c` and `cb`, unless there are as many groups."""

    def inmost(*sizes: int) -> int:
        return default_of(mamba2_chunk_scan, *scan(*sizes))["loop_orders"][0][-1]

    assert default_of(mamba2_chunk_scan, *scan(8, 80, 1, 64))["loop_orders"][0][-2:] == [1, 0]
    assert [inmost(8, 80, 1, 64), inmost(8, 80, 80, 64), inmost(8, 2, 1, 512)] == [0, 1, 2]


def test_elements_that_lie_apart_leave_sums_less_room() -> None:
    images = bf16(32, 56, 56, 256)
    assert default_of(conv2d, images, bf16(256, 256, 3, 3), 1, 1).block_sizes == [128, 128, 32]
    assert default_of(conv2d, images, bf16(256, 256, 1, 1), 1, 0).block_sizes == [128, 256, 64]


def test_loads_in_flight_count_as_registers_where_they_are_in_registers() -> None:
    heads, rows = bf16(128, 4096, 128), torch.empty([128, 4096])
    arguments = (heads, heads, heads, heads, rows, rows, False)
    assert default_of(attention_grad_kv, *arguments, target="gfx950").block_sizes == [1, 128, 32]
    assert default_of(attention_grad_q, heads, heads, heads, heads, heads, rows, False, target="gfx950").block_sizes == [1, 128, 64]


def test_vectors_of_columns_fill_registers_beside_sums_of_tensor_memory() -> None:
    operand, vector = torch.empty([4096, 4096], dtype=torch.float8_e4m3fn), torch.empty([4096])
    scaled = (operand, operand.T, vector, vector)
    assert default_of(fp8_matmul, *scaled, target="sm_100").get("epilogue_subtile") is None
    assert default_of(fp8_matmul, *scaled, bf16(4096), target="sm_100")["epilogue_subtile"] == 2
    assert default_of(fp8_matmul, *scaled, bf16(4096)).get("epilogue_subtile") is None


def test_parts_of_a_result_have_a_place_each_where_sums_are_in_tensor_memory() -> None:
    operand = torch.empty([4096, 4096], dtype=torch.float8_e4m3fn)
    assert default_of(fp8_gemm, operand, operand.T)["pid_type"] == "persistent_interleaved"
    assert default_of(fp8_gemm, operand, operand.T, target="sm_100")["pid_type"] == "flat"


def test_a_loop_has_no_more_stages_than_rounds() -> None:
    b, x = bf16(8, 4096, 1, 128), bf16(8, 4096, 80, 64)
    dt = torch.empty([8, 80, 16, 256])
    assert default_of(mamba2_chunk_state, b, x, dt, dt).num_stages == 2
    assert default_of(matmul, bf16(64, 64), bf16(64, 64)).num_stages == 2


def test_few_rows_of_float32_are_loaded_as_far_ahead() -> None:
    def wide(*shape: int) -> torch.Tensor:
        return torch.empty(shape, dtype=torch.float32)

    assert default_of(matmul_split_k, wide(64, 32768), wide(32768, 64)).num_stages == 6
    assert default_of(matmul_split_k, wide(64, 32768), wide(32768, 64), target="gfx950").num_stages == 2
    small, large = default_of(matmul, wide(256, 4096), wide(4096, 512)), default_of(matmul, wide(4096, 4096), wide(4096, 4096))
    assert (small.block_sizes[0] * small.block_sizes[1] <= 64 * 64, small.num_stages) == (True, 4)
    assert large.num_stages == 2
