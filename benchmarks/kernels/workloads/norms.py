"""Normalization of rows, forward."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812 - what it is called everywhere

from benchmarks.kernels.liger import liger
from benchmarks.kernels.workload import Workload, randn
from examples.layer_norm import layer_norm
from examples.rms_norm import rms_norm, rms_norm_backward
from examples.welford import welford_layer_norm


def _layer_norm(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    return F.layer_norm(x, [x.size(-1)], weight, bias)


def _rms_norm(x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    return F.rms_norm(x, [x.size(-1)], weight, 1e-5)


def _rms_norm_backward(grad_out: torch.Tensor, x: torch.Tensor, weight: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    x_wide, grad = x.float(), grad_out.float()
    rstd = torch.rsqrt(x_wide.square().mean(-1, keepdim=True) + 1e-5)
    normalized = x_wide * rstd
    grad_normalized = grad * weight.float()
    along = (grad_normalized * normalized).mean(-1, keepdim=True)
    return ((grad_normalized - normalized * along) * rstd).to(x.dtype), (grad * normalized).sum(0).to(weight.dtype)


def _f32(*shape: int) -> torch.Tensor:
    return randn(*shape, dtype=torch.float32)


WORKLOADS = (
    Workload(
        "layer_norm 4096x10240",
        layer_norm,
        _layer_norm,
        lambda: (randn(4096, 10240), randn(10240), randn(10240)),
        bytes=2 * 2 * 4096 * 10240,
        peers=liger("layer_norm", "LigerLayerNormFunction", 1e-5),
    ),
    Workload(
        "rms_norm 16384x8192",
        rms_norm,
        _rms_norm,
        lambda: (randn(16384, 8192), randn(8192)),
        bytes=2 * 2 * 16384 * 8192,
        peers=liger("rms_norm", "LigerRMSNormFunction", 1e-5, 0.0, "llama", False),
    ),
    Workload(
        "rms_norm_backward 16384x8192",
        rms_norm_backward,
        _rms_norm_backward,
        lambda: (randn(16384, 8192), randn(16384, 8192), randn(8192)),
        bytes=3 * 2 * 16384 * 8192,
    ),
    Workload(
        "welford f32 65536x2048",
        welford_layer_norm,
        _layer_norm,
        lambda: (_f32(65536, 2048), _f32(2048), _f32(2048)),
        bytes=2 * 4 * 65536 * 2048,
    ),
)
