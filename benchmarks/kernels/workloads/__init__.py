"""Every workload, listed explicitly."""

from __future__ import annotations

from benchmarks.kernels.workload import Workload
from benchmarks.kernels.workloads import (
    add,
    attention,
    embedding,
    gated,
    grouped,
    losses,
    mamba2,
    matmul,
    mixed_products,
    norms,
    rope,
    softmax,
    sums,
)

WORKLOADS: tuple[Workload, ...] = (
    *add.WORKLOADS,
    *softmax.WORKLOADS,
    *norms.WORKLOADS,
    *sums.WORKLOADS,
    *losses.WORKLOADS,
    *gated.WORKLOADS,
    *rope.WORKLOADS,
    *embedding.WORKLOADS,
    *matmul.WORKLOADS,
    *mixed_products.WORKLOADS,
    *grouped.WORKLOADS,
    *mamba2.WORKLOADS,
    *attention.WORKLOADS,
)
