"""Gated activations of a transformer's feed-forward layer."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812 - what it is called everywhere

from benchmarks.kernels.liger import liger
from benchmarks.kernels.workload import Workload, randn
from examples.geglu import geglu
from examples.swiglu import swiglu

_M, _N = 8192, 14336
_BYTES = 3 * 2 * _M * _N


def _swiglu(gate_up: torch.Tensor) -> torch.Tensor:
    gate, up = gate_up.chunk(2, -1)
    return F.silu(gate) * up


def _geglu(gate: torch.Tensor, up: torch.Tensor) -> torch.Tensor:
    return F.gelu(gate, approximate="tanh") * up


WORKLOADS = (
    Workload(
        f"swiglu {_M}x{_N}",
        swiglu,
        _swiglu,
        lambda: (randn(_M, 2 * _N),),
        bytes=_BYTES,
        peers=liger("swiglu", "LigerFusedGateUpSiLUMulFunction"),
    ),
    Workload(
        f"geglu {_M}x{_N}",
        geglu,
        _geglu,
        lambda: (randn(_M, _N), randn(_M, _N)),
        bytes=_BYTES,
        peers=liger("geglu", "LigerGELUMulFunction"),
    ),
)
