"""A batch of matrices times one matrix that all of them share, `[b, m, k] @ [k, n]`, as a linear layer sees activations.

To learn: `hl.dot` broadcasts batch dimensions of 1, so a tile of the shared matrix takes part as `[None, :, :]`.
"""

from __future__ import annotations

import torch

import helion
import helion.language as hl
from helion.testing import DEVICE, check


@helion.kernel
def broadcast_matmul(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """`x[b] @ y` for every b, accumulated in float32."""
    b, m, k = x.size()
    k2, n = y.size()
    assert k == k2
    out = torch.empty([b, m, n], dtype=torch.promote_types(x.dtype, y.dtype), device=x.device)
    for tile_b, tile_m, tile_n in hl.tile([b, m, n]):
        acc = hl.zeros([tile_b, tile_m, tile_n], dtype=torch.float32)
        for tile_k in hl.tile(k):
            acc = hl.dot(x[tile_b, tile_m, tile_k], y[tile_k, tile_n][None, :, :], acc=acc)
        out[tile_b, tile_m, tile_n] = acc
    return out


def main() -> None:
    b, m, k, n = (16, 512, 768, 1024) if DEVICE.type == "cuda" else (2, 37, 64, 50)
    x = torch.randn(b, m, k, device=DEVICE, dtype=torch.bfloat16)
    y = torch.randn(k, n, device=DEVICE, dtype=torch.bfloat16)
    check("broadcast_matmul", broadcast_matmul, torch.matmul, (x, y))


if __name__ == "__main__":
    main()
