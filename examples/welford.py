"""Layer normalization of rows that are walked, not held: Welford's streaming mean and variance.

To learn: three values carried through a tile loop; `tile.end - tile.begin` counts what a partial tile holds, and reductions leave out the
lanes beyond it, so that no mask is written anywhere.
"""

from __future__ import annotations

import torch

import helion
import helion.language as hl
from helion.testing import DEVICE, check


@helion.kernel
def welford_layer_norm(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, eps: float = 1e-5) -> torch.Tensor:
    """`(x - mean) / sqrt(variance + eps) * weight + bias` of each row in two walks: one for the statistics, one to write."""
    m, n = x.size()
    assert weight.size(0) == n
    assert bias.size(0) == n
    out = torch.empty_like(x)
    for tile_m in hl.tile(m):
        count = hl.zeros([tile_m], dtype=torch.float32)
        mean = hl.zeros([tile_m], dtype=torch.float32)
        squares = hl.zeros([tile_m], dtype=torch.float32)
        for tile_n in hl.tile(n):
            chunk = x[tile_m, tile_n].to(torch.float32)
            chunk_count = tile_n.end - tile_n.begin
            chunk_mean = chunk.sum(-1) / chunk_count
            deviation = chunk - chunk_mean[:, None]
            delta = chunk_mean - mean
            new_count = count + chunk_count
            mean = mean + delta * (chunk_count / new_count)
            squares = squares + (deviation * deviation).sum(-1) + delta * delta * count * (chunk_count / new_count)
            count = new_count
        scale = torch.rsqrt(squares / count + eps)
        for tile_n in hl.tile(n):
            normalized = (x[tile_m, tile_n].to(torch.float32) - mean[:, None]) * scale[:, None]
            out[tile_m, tile_n] = (normalized * weight[tile_n] + bias[tile_n]).to(x.dtype)
    return out


def main() -> None:
    m, n = (4096, 32768) if DEVICE.type == "cuda" else (17, 300)
    x = torch.randn(m, n, device=DEVICE, dtype=torch.bfloat16) + 10
    weight, bias = (torch.randn(n, device=DEVICE, dtype=torch.bfloat16) for _ in range(2))
    check("welford", welford_layer_norm, lambda x, w, b: torch.nn.functional.layer_norm(x, [x.size(-1)], w, b), (x, weight, bias))


if __name__ == "__main__":
    main()
