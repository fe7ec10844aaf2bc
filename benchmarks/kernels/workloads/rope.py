"""Rotary embedding of the queries of one layer."""

from __future__ import annotations

from benchmarks.kernels.workload import Workload, randn
from examples.rope import angles, reference, rope

_B, _HEADS, _LENGTH, _D = 4, 32, 4096, 128

WORKLOADS = (
    Workload(
        f"rope b{_B} h{_HEADS} s{_LENGTH} d{_D}",
        rope,
        reference,
        lambda: (randn(_B, _HEADS, _LENGTH, _D), *angles(_LENGTH, _D)),
        bytes=2 * 2 * _B * _HEADS * _LENGTH * _D + 2 * 4 * _LENGTH * _D // 2,
    ),
)
