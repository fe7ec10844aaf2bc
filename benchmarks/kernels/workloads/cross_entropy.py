"""Cross-entropy over a vocabulary, forward."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812 - what it is called everywhere

from benchmarks.kernels.liger import liger
from benchmarks.kernels.workload import Workload, randn
from examples.cross_entropy import IGNORED, cross_entropy


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
)
