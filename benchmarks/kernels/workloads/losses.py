"""Losses over a vocabulary: cross-entropy, Jensen-Shannon and Kullback-Leibler divergence."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812 - what it is called everywhere

from benchmarks.kernels.liger import liger
from benchmarks.kernels.workload import Workload, randn
from examples.cross_entropy import IGNORED, cross_entropy
from examples.jsd import jsd
from examples.kl_div import kl_div


def _log_probabilities(m: int, n: int) -> torch.Tensor:
    return randn(m, n).log_softmax(-1)


def _jsd(student: torch.Tensor, teacher: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    q, p = student.float().exp(), teacher.float().exp()
    log_mix = torch.log(0.5 * (p + q))
    loss = 0.5 * (p * (teacher - log_mix) + q * (student - log_mix)).sum() / student.size(0)
    return loss, (0.5 * q * (student - log_mix) / student.size(0)).to(student.dtype)


def _kl_div(log_input: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    return F.kl_div(log_input.float(), target.float(), reduction="batchmean")


def _cross_entropy(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    return F.cross_entropy(logits.float(), labels)


WORKLOADS = (
    Workload(
        "cross_entropy 4096x131072",
        cross_entropy,
        _cross_entropy,
        lambda: (randn(4096, 131072), torch.randint(131072, [4096], device="cuda")),
        bytes=2 * 4096 * 131072,
        peers=liger("cross_entropy", "LigerCrossEntropyFunction", None, IGNORED),
    ),
    Workload(
        "jsd with gradient 8192x32768",
        jsd,
        _jsd,
        lambda: (_log_probabilities(8192, 32768), _log_probabilities(8192, 32768)),
        bytes=3 * 2 * 8192 * 32768,
        peers=liger("jsd", "LigerJSDFunction"),
    ),
    Workload(
        "kl_div 4096x131072",
        kl_div,
        _kl_div,
        lambda: (_log_probabilities(4096, 131072), randn(4096, 131072).softmax(-1)),
        bytes=2 * 2 * 4096 * 131072,
        peers=liger("kl_div", "LigerKLDivLossFunction", "batchmean"),
    ),
)
