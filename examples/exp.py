"""The exponential of every element."""

from __future__ import annotations

import torch

import helion
import helion.language as hl
from helion.testing import DEVICE, check


@helion.kernel
def exp(x: torch.Tensor) -> torch.Tensor:
    """`e ** x`, element by element."""
    out = torch.empty_like(x)
    for tile in hl.tile(x.size()):
        out[tile] = torch.exp(x[tile])
    return out


def main() -> None:
    shape = (4096, 4096) if DEVICE.type == "cuda" else (37, 50)
    check("exp", exp, torch.exp, (torch.randn(shape, device=DEVICE),))


if __name__ == "__main__":
    main()
