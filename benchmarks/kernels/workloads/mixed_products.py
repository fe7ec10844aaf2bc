"""Products of bfloat16 with integers: packed 4-bit weights and int16."""

from __future__ import annotations

from typing import Any

import torch

from benchmarks.kernels.workload import Workload, randn
from examples.bf16xint16_gemm import bf16xint16
from examples.bf16xint16_gemm import reference as bf16xint16_reference
from examples.int4_gemm import int4_gemm, pack
from examples.int4_gemm import reference as int4_reference


def _int4(m: int, n: int, k: int) -> Workload:
    def make() -> tuple[Any, ...]:
        return randn(m, k), pack(torch.randint(-8, 8, (k, n), device="cuda", dtype=torch.int8))

    return Workload(
        f"int4_gemm {m}x{n}x{k}", int4_gemm, int4_reference, make, bytes=2 * m * k + k * n // 2 + 2 * m * n, flops=2.0 * m * n * k
    )


def _bf16xint16(m: int, k: int, n: int) -> Workload:
    def make() -> tuple[Any, ...]:
        return randn(m, k), torch.randint(-(2**15), 2**15, (k, n), device="cuda", dtype=torch.int16)

    return Workload(
        f"bf16xint16 {m}x{k}x{n}", bf16xint16, bf16xint16_reference, make, bytes=2 * (m * k + k * n + m * n), flops=2.0 * m * k * n
    )


WORKLOADS = (_int4(8192, 8192, 8192), _int4(16, 8192, 7168), _bf16xint16(65536, 1024, 1280))
