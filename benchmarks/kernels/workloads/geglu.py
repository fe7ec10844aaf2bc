"""GELU of one tensor times another."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812 - what it is called everywhere

from benchmarks.kernels.liger import liger
from benchmarks.kernels.workload import Workload, randn
from examples.geglu import geglu

_M, _N = 8192, 14336


def _geglu(gate: torch.Tensor, up: torch.Tensor) -> torch.Tensor:
    return F.gelu(gate, approximate="tanh") * up


WORKLOADS = (
    Workload(
        f"geglu {_M}x{_N}",
        geglu,
        _geglu,
        lambda: (randn(_M, _N), randn(_M, _N)),
        bytes=3 * 2 * _M * _N,
        peers=liger("geglu", "LigerGELUMulFunction"),
    ),
)
