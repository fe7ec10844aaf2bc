"""Layer normalization of rows, forward."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812 - what it is called everywhere

from benchmarks.kernels.liger import liger
from benchmarks.kernels.workload import Workload, randn
from examples.layer_norm import layer_norm


def _layer_norm(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    return F.layer_norm(x, [x.size(-1)], weight, bias)


WORKLOADS = (
    Workload(
        "layer_norm 4096x10240",
        layer_norm,
        _layer_norm,
        lambda: (randn(4096, 10240), randn(10240), randn(10240)),
        bytes=2 * 2 * 4096 * 10240,
        peers=liger("layer_norm", "LigerLayerNormFunction", 1e-5),
    ),
)
