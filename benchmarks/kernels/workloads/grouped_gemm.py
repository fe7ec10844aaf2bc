"""Products of groups of rows with a weight each, as a mixture of experts has them."""

from __future__ import annotations

from typing import Any

import torch

from benchmarks.kernels.workload import Workload, randn
from examples.grouped_gemm import grouped_gemm, grouped_gemm_persistent, reference

_SIZES = (1843, 2304, 1971, 2560, 2112, 1600, 2432, 2074)
_K, _N = 4096, 4096
_ROWS = sum(_SIZES)


def _make() -> tuple[Any, ...]:
    offsets = torch.tensor([0, *torch.tensor(_SIZES).cumsum(0).tolist()], device="cuda")
    return randn(_ROWS, _K), randn(len(_SIZES), _K, _N), offsets


WORKLOADS = tuple(
    Workload(
        f"{kernel.name} g{len(_SIZES)} m{_ROWS} k{_K} n{_N}",
        kernel,
        reference,
        _make,
        bytes=2 * (_ROWS * _K + len(_SIZES) * _K * _N + _ROWS * _N),
        flops=2.0 * _ROWS * _K * _N,
    )
    for kernel in (grouped_gemm, grouped_gemm_persistent)
)
