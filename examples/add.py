"""Sum of two tensors of any rank that broadcast together."""

from __future__ import annotations

import torch

import helion
import helion.language as hl
from helion.testing import DEVICE, check


@helion.kernel
def add(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """`x + y` with torch's broadcasting and type promotion."""
    x, y = torch.broadcast_tensors(x, y)
    out = torch.empty(x.shape, dtype=torch.promote_types(x.dtype, y.dtype), device=x.device)
    for tile in hl.tile(out.size()):
        out[tile] = x[tile] + y[tile]
    return out


def main() -> None:
    m, n = (8192, 16384) if DEVICE.type == "cuda" else (37, 50)
    x = torch.randn(m, n, device=DEVICE, dtype=torch.bfloat16)
    check("add", add, torch.add, (x, torch.randn(m, n, device=DEVICE, dtype=torch.bfloat16)))
    check("add, broadcast", add, torch.add, (x, torch.randn(n, device=DEVICE)))


if __name__ == "__main__":
    main()
