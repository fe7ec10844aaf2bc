"""Rows that fit registers and rows that do not, in one pass and in two."""

from __future__ import annotations

import torch

from benchmarks.kernels.liger import liger
from benchmarks.kernels.workload import Workload, randn
from examples.softmax import softmax, softmax_two_pass
from helion.runtime.kernel import Kernel


def _softmax(x: torch.Tensor) -> torch.Tensor:
    return torch.softmax(x, -1)


def _of(kernel: Kernel, m: int, n: int) -> Workload:
    return Workload(
        f"{kernel.name} {m}x{n}",
        kernel,
        _softmax,
        lambda: (randn(m, n),),
        bytes=2 * 2 * m * n,
        peers=liger("softmax", "LigerSoftmaxFunction"),
    )


WORKLOADS = (_of(softmax, 4096, 8192), _of(softmax, 4096, 32768), _of(softmax_two_pass, 4096, 8192), _of(softmax_two_pass, 4096, 32768))
