"""Batched matrix multiplication."""

from __future__ import annotations

import torch

import helion
import helion.language as hl
from helion.testing import DEVICE, check


@helion.kernel
def bmm(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """`x[b] @ y[b]` for every b, accumulated in float32."""
    b, m, k = x.size()
    b2, k2, n = y.size()
    assert b == b2
    assert k == k2
    out = torch.empty([b, m, n], dtype=torch.promote_types(x.dtype, y.dtype), device=x.device)
    for tile_b, tile_m, tile_n in hl.tile([b, m, n]):
        acc = hl.zeros([tile_b, tile_m, tile_n], dtype=torch.float32)
        for tile_k in hl.tile(k):
            acc = torch.baddbmm(acc, x[tile_b, tile_m, tile_k], y[tile_b, tile_k, tile_n])
        out[tile_b, tile_m, tile_n] = acc
    return out


def main() -> None:
    b, m, k, n = (16, 2048, 2048, 2048) if DEVICE.type == "cuda" else (2, 37, 64, 50)
    x = torch.randn(b, m, k, device=DEVICE, dtype=torch.bfloat16)
    y = torch.randn(b, k, n, device=DEVICE, dtype=torch.bfloat16)
    check("bmm", bmm, torch.bmm, (x, y))


if __name__ == "__main__":
    main()
