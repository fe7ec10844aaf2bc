"""Defaults of large products fit the shared memory, and programs share the tiles where that is faster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

import helion
from examples.fp8_gemm import fp8_gemm
from examples.int4_gemm import int4_gemm
from examples.matmul import matmul
from examples.matmul_layernorm import matmul_layernorm
from helion import compiler
from helion.offline.artifact import Artifact
from helion.offline.compile import compile_module
from helion.runtime.bound_kernel import BoundKernel
from helion.runtime.kernel import Kernel
from helion.target import find_target

FP8 = torch.float8_e4m3fn
TARGET = find_target("sm_90")


def empty(*shape: int, dtype: torch.dtype = torch.bfloat16) -> torch.Tensor:
    return torch.empty(shape, dtype=dtype)  # pages that nobody touches take no memory


@dataclass(frozen=True)
class Default:
    config: helion.Config
    artifact: Artifact


def default_of(kernel: Kernel, *arguments: Any) -> Default:
    fresh = helion.kernel(kernel.fn, autotune_effort="none")
    assert TARGET is not None
    ir = BoundKernel(fresh, fresh.normalize_args(*arguments)).ir
    config = compiler.config_space(ir, TARGET).default()
    artifact = compile_module(compiler.generate(ir, config, TARGET), TARGET)
    assert isinstance(artifact, Artifact), artifact
    return Default(config, artifact)


def test_rows_of_bytes_that_tensor_cores_need_turned_leave_room_for_fewer_stages() -> None:
    turned, straight = empty(8192, 8192, dtype=FP8), empty(8192, 8192, dtype=FP8).t()
    assert default_of(fp8_gemm, turned, turned).config["num_stages"] == 2
    assert default_of(fp8_gemm, turned, straight).config["num_stages"] == 3


def test_whole_rows_of_a_product_fit() -> None:
    for columns, rows, step in ((512, 64, 64), (2048, 16, 32)):
        default = default_of(matmul_layernorm, empty(8192, 4096), empty(4096, columns), empty(columns), empty(columns), 1e-5)
        assert default.config.block_sizes == [rows, step]


def test_programs_share_the_tiles_where_each_gets_several() -> None:
    default = default_of(matmul, empty(4096, 4096), empty(4096, 4096))
    assert (default.config["pid_type"], default.config["range_flattens"]) == ("persistent_interleaved", [True, None])
    assert default.artifact.local_bytes == 0
    assert default_of(matmul, empty(2048, 2048), empty(2048, 2048)).config["pid_type"] == "flat"


def test_wide_results_are_stored_in_parts() -> None:
    """Sums of 128 by 256 stored as f32 take 128 KiB: too much beside three stages of operands."""
    turned, straight = empty(8192, 8192, dtype=FP8), empty(8192, 8192, dtype=FP8).t()
    default = default_of(fp8_gemm, turned, straight)
    assert (default.config["epilogue_subtile"], default.config["pid_type"]) == (2, "persistent_interleaved")
    assert default.artifact.local_bytes == 0


def test_an_unpacked_operand_keeps_a_program_a_tile() -> None:
    assert default_of(int4_gemm, empty(8192, 8192), empty(4096, 8192, dtype=torch.int8)).config["pid_type"] == "flat"
