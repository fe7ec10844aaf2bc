"""Normalization of rows, forward."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812 - what it is called everywhere

from benchmarks.kernels.workload import Workload, randn
from examples.layer_norm import layer_norm
from examples.rms_norm import rms_norm


def _layer_norm(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    return F.layer_norm(x, [x.size(-1)], weight, bias)


def _rms_norm(x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    return F.rms_norm(x, [x.size(-1)], weight, 1e-5)


WORKLOADS = (
    Workload(
        "layer_norm 4096x10240",
        layer_norm,
        _layer_norm,
        lambda: (randn(4096, 10240), randn(10240), randn(10240)),
        bytes=2 * 2 * 4096 * 10240,
    ),
    Workload("rms_norm 16384x8192", rms_norm, _rms_norm, lambda: (randn(16384, 8192), randn(8192)), bytes=2 * 2 * 16384 * 8192),
)
