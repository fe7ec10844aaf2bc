"""Workloads at small sizes, for a process in which Triton interprets kernels: ours gives what stands for `eager`."""

from __future__ import annotations

import torch

from benchmarks.kernels.workloads import jsd, rope
from examples.rope import angles
from helion.testing import assert_parity


def check_rope() -> None:
    for workload, heads in zip(rope.WORKLOADS, (3, 5), strict=True):
        assert_parity(workload.kernel, workload.eager, (torch.randn(2, heads, 7, 16), *angles(7, 16)))


def check_jsd() -> None:
    for workload in jsd.WORKLOADS:
        assert_parity(workload.kernel, workload.eager, tuple(torch.randn(7, 70).log_softmax(-1) for _ in range(2)))
