"""SiLU of one half of a row times the other."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812 - what it is called everywhere

from benchmarks.kernels.liger import liger
from benchmarks.kernels.workload import Workload, randn
from examples.swiglu import swiglu

_M, _N = 8192, 14336


def _swiglu(gate_up: torch.Tensor) -> torch.Tensor:
    gate, up = gate_up.chunk(2, -1)
    return F.silu(gate) * up


WORKLOADS = (
    Workload(
        f"swiglu {_M}x{_N}",
        swiglu,
        _swiglu,
        lambda: (randn(_M, 2 * _N),),
        bytes=3 * 2 * _M * _N,
        peers=liger("swiglu", "LigerFusedGateUpSiLUMulFunction"),
    ),
)
