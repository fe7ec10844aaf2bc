"""Products of bfloat16 with packed 4-bit weights: large, and with few rows."""

from __future__ import annotations

from typing import Any

import torch

from benchmarks.kernels.workload import Workload, randn
from examples.int4_gemm import int4_gemm, pack, reference


def _of(m: int, n: int, k: int) -> Workload:
    def make() -> tuple[Any, ...]:
        return randn(m, k), pack(torch.randint(-8, 8, (k, n), device="cuda", dtype=torch.int8))

    return Workload(f"int4_gemm {m}x{n}x{k}", int4_gemm, reference, make, bytes=2 * m * k + k * n // 2 + 2 * m * n, flops=2.0 * m * n * k)


WORKLOADS = (_of(8192, 8192, 8192), _of(16, 8192, 7168))
