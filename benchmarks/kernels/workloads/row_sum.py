"""Sums of rows."""

from __future__ import annotations

import torch

from benchmarks.kernels.workload import Workload, randn
from examples.sum import row_sum


def _sum(x: torch.Tensor) -> torch.Tensor:
    return x.sum(-1)


WORKLOADS = (Workload("row_sum 16384x8192", row_sum, _sum, lambda: (randn(16384, 8192),), bytes=2 * 16384 * 8192),)
