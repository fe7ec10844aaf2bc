"""Normalization of rows by their root mean square, forward."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812 - what it is called everywhere

from benchmarks.kernels.liger import liger
from benchmarks.kernels.workload import Workload, randn
from examples.rms_norm import rms_norm


def _rms_norm(x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    return F.rms_norm(x, [x.size(-1)], weight, 1e-5)


WORKLOADS = (
    Workload(
        "rms_norm 16384x8192",
        rms_norm,
        _rms_norm,
        lambda: (randn(16384, 8192), randn(8192)),
        bytes=2 * 2 * 16384 * 8192,
        peers=liger("rms_norm", "LigerRMSNormFunction", 1e-5, 0.0, "llama", False),
    ),
)
