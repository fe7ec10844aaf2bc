"""Row sums of a matrix."""

from __future__ import annotations

import torch

import helion
import helion.language as hl
from helion.testing import DEVICE, check


@helion.kernel
def row_sum(x: torch.Tensor) -> torch.Tensor:
    """The sum of each row."""
    m, n = x.size()
    out = torch.empty([m], dtype=x.dtype, device=x.device)
    for tile_m in hl.tile(m):
        out[tile_m] = x[tile_m, :].sum(-1)
    return out


def main() -> None:
    shape = (16384, 8192) if DEVICE.type == "cuda" else (37, 300)
    check("row_sum", row_sum, lambda x: x.sum(-1), (torch.randn(shape, device=DEVICE),))


if __name__ == "__main__":
    main()
