"""Jensen-Shannon divergence over a vocabulary, with its gradient and alone."""

from __future__ import annotations

import torch

from benchmarks.kernels.liger import liger
from benchmarks.kernels.workload import Workload, randn
from examples.jsd import jsd, jsd_loss


def _log_probabilities(m: int, n: int) -> torch.Tensor:
    return randn(m, n).log_softmax(-1)


def _jsd_loss(student: torch.Tensor, teacher: torch.Tensor) -> torch.Tensor:
    q, p = student.float().exp(), teacher.float().exp()
    log_mix = torch.log(0.5 * (p + q))
    return 0.5 * (p * (teacher - log_mix) + q * (student - log_mix)).sum() / student.size(0)


def _jsd(student: torch.Tensor, teacher: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    q, p = student.float().exp(), teacher.float().exp()
    log_mix = torch.log(0.5 * (p + q))
    return _jsd_loss(student, teacher), (0.5 * q * (student - log_mix) / student.size(0)).to(student.dtype)


WORKLOADS = (
    Workload(
        "jsd with gradient 8192x32768",
        jsd,
        _jsd,
        lambda: (_log_probabilities(8192, 32768), _log_probabilities(8192, 32768)),
        bytes=3 * 2 * 8192 * 32768,
        peers=liger("jsd", "LigerJSDFunction"),
    ),
    # Liger's forward makes the gradient whether or not it is asked for.
    Workload(
        "jsd 8192x32768",
        jsd_loss,
        _jsd_loss,
        lambda: (_log_probabilities(8192, 32768), _log_probabilities(8192, 32768)),
        bytes=2 * 2 * 8192 * 32768,
        peers=liger("jsd", "LigerJSDFunction"),
    ),
)
