"""Layer normalization over the last dimension."""

from __future__ import annotations

import torch

import helion
import helion.language as hl
from helion.testing import DEVICE, check


@helion.kernel
def layer_norm(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None, eps: float = 1e-5) -> torch.Tensor:
    """`(x - mean) / sqrt(variance + eps) * weight + bias` of each row; computed in float32."""
    m, n = x.size()
    assert weight.size(0) == n
    out = torch.empty_like(x)
    for tile_m in hl.tile(m):
        row = x[tile_m, :].to(torch.float32)
        variance, mean = torch.var_mean(row, dim=-1, keepdim=True, correction=0)
        normalized = (row - mean) * torch.rsqrt(variance + eps)
        if bias is not None:
            result = normalized * weight[:].to(torch.float32) + bias[:].to(torch.float32)
        else:
            result = normalized * weight[:].to(torch.float32)
        out[tile_m, :] = result.to(x.dtype)
    return out


def main() -> None:
    m, n = (4096, 10240) if DEVICE.type == "cuda" else (37, 300)
    x = torch.randn(m, n, device=DEVICE, dtype=torch.bfloat16)
    weight, bias = (torch.randn(n, device=DEVICE, dtype=torch.bfloat16) for _ in range(2))
    check("layer_norm", layer_norm, lambda x, w, b: torch.nn.functional.layer_norm(x, [x.size(-1)], w, b), (x, weight, bias))


if __name__ == "__main__":
    main()
