"""Rows of a table by their number."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812 - what it is called everywhere

from benchmarks.kernels.workload import Workload, randn
from examples.embedding import embedding

_TOKENS, _ROWS, _WIDTH = 16384, 128256, 4096

WORKLOADS = (
    Workload(
        f"embedding {_TOKENS}x{_WIDTH}",
        embedding,
        F.embedding,
        lambda: (torch.randint(_ROWS, (8, _TOKENS // 8), device="cuda"), randn(_ROWS, _WIDTH)),
        bytes=2 * 2 * _TOKENS * _WIDTH + 8 * _TOKENS,
    ),
)
