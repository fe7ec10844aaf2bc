"""A product of few rows and columns with a long sum, which several programs share."""

from __future__ import annotations

import torch

from benchmarks.kernels.workload import Workload, randn
from examples.matmul_split_k import matmul_split_k

_M, _K, _N = 64, 32768, 64

WORKLOADS = (
    Workload(
        f"matmul_split_k {_M}x{_K}x{_N}",
        matmul_split_k,
        torch.matmul,
        lambda: (randn(_M, _K), randn(_K, _N)),
        bytes=2 * (_M * _K + _K * _N + _M * _N),
        flops=2.0 * _M * _K * _N,
    ),
)
