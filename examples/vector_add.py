"""Sum of two vectors: the smallest kernel there is."""

from __future__ import annotations

import torch

import helion
import helion.language as hl
from helion.testing import DEVICE, check


@helion.kernel
def vector_add(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """`x + y` for two vectors of one length."""
    n = x.size(0)
    assert n == y.size(0)
    out = torch.empty_like(x)
    for tile in hl.tile(n):
        out[tile] = x[tile] + y[tile]
    return out


def main() -> None:
    n = 1 << 20 if DEVICE.type == "cuda" else 1000
    x, y = torch.randn(n, device=DEVICE), torch.randn(n, device=DEVICE)
    check("vector_add", vector_add, torch.add, (x, y))


if __name__ == "__main__":
    main()
