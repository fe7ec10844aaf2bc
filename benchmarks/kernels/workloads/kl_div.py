"""Kullback-Leibler divergence over a vocabulary, forward."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812 - what it is called everywhere

from benchmarks.kernels.liger import liger
from benchmarks.kernels.workload import Workload, randn
from examples.kl_div import kl_div


def _log_probabilities(m: int, n: int) -> torch.Tensor:
    return randn(m, n).log_softmax(-1)


def _kl_div(log_input: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    return F.kl_div(log_input.float(), target.float(), reduction="batchmean")


WORKLOADS = (
    Workload(
        "kl_div 4096x131072",
        kl_div,
        _kl_div,
        lambda: (_log_probabilities(4096, 131072), randn(4096, 131072).softmax(-1)),
        bytes=2 * 2 * 4096 * 131072,
        peers=liger("kl_div", "LigerKLDivLossFunction", "batchmean"),
    ),
)
