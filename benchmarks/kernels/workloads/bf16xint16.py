"""Products of bfloat16 with int16."""

from __future__ import annotations

from typing import Any

import torch

from benchmarks.kernels.workload import Workload, randn
from examples.bf16xint16_gemm import bf16xint16, reference

_M, _K, _N = 65536, 1024, 1280


def _make() -> tuple[Any, ...]:
    return randn(_M, _K), torch.randint(-(2**15), 2**15, (_K, _N), device="cuda", dtype=torch.int16)


WORKLOADS = (
    Workload(
        f"bf16xint16 {_M}x{_K}x{_N}",
        bf16xint16,
        reference,
        _make,
        bytes=2 * (_M * _K + _K * _N + _M * _N),
        flops=2.0 * _M * _K * _N,
    ),
)
