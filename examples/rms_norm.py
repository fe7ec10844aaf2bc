"""Root-mean-square normalization over the last dimension."""

from __future__ import annotations

import torch

import helion
import helion.language as hl
from helion.testing import DEVICE, check


@helion.kernel
def rms_norm(x: torch.Tensor, weight: torch.Tensor, eps: float = 1e-5) -> torch.Tensor:
    """`x / sqrt(mean(x ** 2) + eps) * weight` of each row; computed in float32."""
    m, n = x.size()
    assert weight.size(0) == n
    out = torch.empty_like(x)
    for tile_m in hl.tile(m):
        row = x[tile_m, :].to(torch.float32)
        scale = torch.rsqrt(torch.mean(row * row, dim=-1) + eps)
        out[tile_m, :] = (row * scale[:, None] * weight[:].to(torch.float32)).to(out.dtype)
    return out


def main() -> None:
    m, n = (16384, 8192) if DEVICE.type == "cuda" else (37, 300)
    x = torch.randn(m, n, device=DEVICE, dtype=torch.bfloat16)
    weight = torch.randn(n, device=DEVICE, dtype=torch.bfloat16)
    check("rms_norm", rms_norm, lambda x, w: torch.nn.functional.rms_norm(x, [x.size(-1)], w, 1e-5), (x, weight))


if __name__ == "__main__":
    main()
