"""Layer normalization of float32 rows with moments merged as they come."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812 - what it is called everywhere

from benchmarks.kernels.workload import Workload, randn
from examples.welford import welford_layer_norm


def _layer_norm(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    return F.layer_norm(x, [x.size(-1)], weight, bias)


def _f32(*shape: int) -> torch.Tensor:
    return randn(*shape, dtype=torch.float32)


WORKLOADS = (
    Workload(
        "welford f32 65536x2048",
        welford_layer_norm,
        _layer_norm,
        lambda: (_f32(65536, 2048), _f32(2048), _f32(2048)),
        bytes=2 * 4 * 65536 * 2048,
    ),
)
