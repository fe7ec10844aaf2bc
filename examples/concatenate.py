"""Two matrices side by side.

To learn: one grid covers the result, and each element is loaded from the side it comes from: `hl.load` takes shifted indices and a mask,
and masked lanes touch no memory.
"""

from __future__ import annotations

import torch

import helion
import helion.language as hl
from helion.testing import DEVICE, check


@helion.kernel
def concatenate(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """`torch.cat([x, y], dim=1)` for two matrices with as many rows."""
    m, n = x.size()
    m2, k = y.size()
    assert m == m2
    out = torch.empty([m, n + k], dtype=x.dtype, device=x.device)
    for tile_m, tile_n in hl.tile(out.size()):
        from_x = tile_n.index < n
        left = hl.load(x, [tile_m, tile_n.index], extra_mask=from_x[None, :])
        right = hl.load(y, [tile_m, tile_n.index - n], extra_mask=(tile_n.index >= n)[None, :])
        out[tile_m, tile_n] = torch.where(from_x[None, :], left, right)
    return out


def main() -> None:
    m, n, k = (8192, 3000, 5000) if DEVICE.type == "cuda" else (37, 50, 29)
    x = torch.randn(m, n, device=DEVICE, dtype=torch.bfloat16)
    y = torch.randn(m, k, device=DEVICE, dtype=torch.bfloat16)
    check("concatenate", concatenate, lambda x, y: torch.cat([x, y], dim=1), (x, y))


if __name__ == "__main__":
    main()
