"""Every workload, listed explicitly."""

from __future__ import annotations

from benchmarks.kernels.workload import Workload
from benchmarks.kernels.workloads import add, attention, matmul, norms, softmax, sums

WORKLOADS: tuple[Workload, ...] = (
    *add.WORKLOADS,
    *softmax.WORKLOADS,
    *norms.WORKLOADS,
    *sums.WORKLOADS,
    *matmul.WORKLOADS,
    *attention.WORKLOADS,
)
