"""Row-wise softmax whose configs come from a decision file that is written ahead of time, shape by shape; calls tune nothing.

    python -m helion.autotuner.aot_runner -- python examples/aot_example.py

collects this script's calls, tunes for them and writes the file beside this one. Without it the default config runs.
"""

from __future__ import annotations

import torch

import helion
import helion.language as hl
from helion.testing import DEVICE, check


@helion.aot_kernel(batched=[[0, None]])  # configs do not depend on the number of rows
def softmax(x: torch.Tensor) -> torch.Tensor:
    """`softmax(x, dim=-1)`."""
    m, _ = x.size()
    out = torch.empty_like(x)
    for tile in hl.tile(m):
        out[tile, :] = torch.softmax(x[tile, :], dim=-1)
    return out


def main() -> None:
    rows, columns = (4096, (256, 1024, 8192)) if DEVICE.type == "cuda" else (37, (12, 50))
    for n in columns:
        x = torch.randn(rows, n, device=DEVICE)
        check(f"softmax of {n}", softmax, lambda x: torch.softmax(x, dim=-1), (x,))


if __name__ == "__main__":
    main()
