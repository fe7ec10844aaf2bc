"""Row-wise softmax whose search also tries files of advanced controls, which tell ptxas how to allocate and schedule.

    TRITON_PTXAS_PATH=PTXAS python examples/softmax_acf.py FILE...

To learn: `autotune_search_acf` adds the files to what is searched, and the config that wins names one, or none. They come with a ptxas of
CUDA 13.3 or later. Without files the kernel runs with its default config.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import torch

import helion
import helion.language as hl
from helion.testing import DEVICE, check


@helion.kernel(autotune_effort="none")
def softmax(x: torch.Tensor) -> torch.Tensor:
    """`softmax(x, dim=1)`."""
    m, _ = x.size()
    out = torch.empty_like(x)
    for tile_m in hl.tile(m):
        out[tile_m, :] = torch.softmax(x[tile_m, :], dim=1)
    return out


def main(files: Sequence[str] = ()) -> None:
    x = torch.randn(4096, 8192, device=DEVICE) if DEVICE.type == "cuda" else torch.randn(37, 50)
    tuned = helion.kernel(softmax.fn, autotune_effort="quick", autotune_search_acf=list(files)) if files else softmax
    check("softmax", tuned, lambda x: torch.softmax(x, dim=1), (x,))


if __name__ == "__main__":
    main(sys.argv[1:])
