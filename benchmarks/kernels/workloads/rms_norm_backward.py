"""The gradient of rms_norm."""

from __future__ import annotations

import torch

from benchmarks.kernels.workload import Workload, randn
from examples.rms_norm import rms_norm_backward


def _rms_norm_backward(grad_out: torch.Tensor, x: torch.Tensor, weight: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    x_wide, grad = x.float(), grad_out.float()
    rstd = torch.rsqrt(x_wide.square().mean(-1, keepdim=True) + 1e-5)
    normalized = x_wide * rstd
    grad_normalized = grad * weight.float()
    along = (grad_normalized * normalized).mean(-1, keepdim=True)
    return ((grad_normalized - normalized * along) * rstd).to(x.dtype), (grad * normalized).sum(0).to(weight.dtype)


WORKLOADS = (
    Workload(
        "rms_norm_backward 16384x8192",
        rms_norm_backward,
        _rms_norm_backward,
        lambda: (randn(16384, 8192), randn(16384, 8192), randn(8192)),
        bytes=3 * 2 * 16384 * 8192,
    ),
)
