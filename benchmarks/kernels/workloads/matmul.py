"""Matrix products: square, with few rows, and with a long sum split over programs."""

from __future__ import annotations

import torch

from benchmarks.kernels.workload import Workload, randn
from examples.matmul import matmul
from examples.matmul_split_k import matmul_split_k
from helion.runtime.kernel import Kernel


def _of(kernel: Kernel, m: int, k: int, n: int) -> Workload:
    name = f"{kernel.name} {m}x{k}x{n}"
    return Workload(
        name, kernel, torch.matmul, lambda: (randn(m, k), randn(k, n)), bytes=2 * (m * k + k * n + m * n), flops=2.0 * m * k * n
    )


WORKLOADS = (
    _of(matmul, 4096, 4096, 4096),
    _of(matmul, 8192, 8192, 8192),
    _of(matmul, 64, 8192, 8192),
    _of(matmul_split_k, 64, 32768, 64),
)
