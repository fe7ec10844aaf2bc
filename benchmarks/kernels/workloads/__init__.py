"""Every workload, listed explicitly: a file has one kernel's, at its sizes."""

from __future__ import annotations

from benchmarks.kernels.workload import Workload
from benchmarks.kernels.workloads import (
    add,
    attention,
    bf16xint16,
    cross_entropy,
    embedding,
    geglu,
    grouped_gemm,
    int4_gemm,
    jsd,
    kl_div,
    layer_norm,
    mamba2,
    matmul,
    matmul_split_k,
    rms_norm,
    rms_norm_backward,
    rope,
    row_sum,
    softmax,
    swiglu,
    welford,
)

WORKLOADS: tuple[Workload, ...] = (
    *add.WORKLOADS,
    *softmax.WORKLOADS,
    *layer_norm.WORKLOADS,
    *rms_norm.WORKLOADS,
    *rms_norm_backward.WORKLOADS,
    *welford.WORKLOADS,
    *row_sum.WORKLOADS,
    *cross_entropy.WORKLOADS,
    *jsd.WORKLOADS,
    *kl_div.WORKLOADS,
    *swiglu.WORKLOADS,
    *geglu.WORKLOADS,
    *rope.WORKLOADS,
    *embedding.WORKLOADS,
    *matmul.WORKLOADS,
    *matmul_split_k.WORKLOADS,
    *int4_gemm.WORKLOADS,
    *bf16xint16.WORKLOADS,
    *grouped_gemm.WORKLOADS,
    *mamba2.WORKLOADS,
    *attention.WORKLOADS,
)
