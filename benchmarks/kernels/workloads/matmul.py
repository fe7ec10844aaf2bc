"""Matrix products: square, and with few rows."""

from __future__ import annotations

import torch

from benchmarks.kernels.workload import Workload, randn
from examples.matmul import matmul


def _of(m: int, k: int, n: int) -> Workload:
    return Workload(
        f"matmul {m}x{k}x{n}",
        matmul,
        torch.matmul,
        lambda: (randn(m, k), randn(k, n)),
        bytes=2 * (m * k + k * n + m * n),
        flops=2.0 * m * k * n,
    )


WORKLOADS = (_of(4096, 4096, 4096), _of(8192, 8192, 8192), _of(64, 8192, 8192))
