"""Matrix multiplication followed by layer normalization of each row, in one kernel.

To learn: a program holds whole rows of the product, so the width is baked in by `hl.specialize` and the rows are stored by `:`; the
normalization then reads registers.
"""

from __future__ import annotations

import torch

import helion
import helion.language as hl
from helion.testing import DEVICE, check


@helion.kernel
def matmul_layernorm(x: torch.Tensor, y: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, eps: float = 1e-5) -> torch.Tensor:
    """`layer_norm(x @ y) * weight + bias` over the last dimension, in float32."""
    m, k = x.size()
    k2 = y.size(0)
    n = hl.specialize(y.size(1))
    assert k == k2
    assert weight.size(0) == n
    assert bias.size(0) == n
    out = torch.empty([m, n], dtype=torch.promote_types(x.dtype, y.dtype), device=x.device)
    for tile_m in hl.tile(m):
        acc = hl.zeros([tile_m, n], dtype=torch.float32)
        for tile_k in hl.tile(k):
            acc = torch.addmm(acc, x[tile_m, tile_k], y[tile_k, :])
        mean = acc.sum(-1) / n
        centered = acc - mean[:, None]
        inverse = torch.rsqrt((centered * centered).sum(-1) / n + eps)
        out[tile_m, :] = centered * inverse[:, None] * weight[:].to(torch.float32) + bias[:].to(torch.float32)
    return out


def reference(x: torch.Tensor, y: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, eps: float = 1e-5) -> torch.Tensor:
    """The same in torch, which rounds the product first."""
    return torch.nn.functional.layer_norm(x @ y, [y.size(1)], weight, bias, eps)


def main() -> None:
    m, k, n = (8192, 1024, 256) if DEVICE.type == "cuda" else (37, 64, 50)
    x = torch.randn(m, k, device=DEVICE, dtype=torch.float16)
    y = torch.randn(k, n, device=DEVICE, dtype=torch.float16)
    weight, bias = (torch.randn(n, device=DEVICE, dtype=torch.float16) for _ in range(2))
    check("matmul_layernorm", matmul_layernorm, reference, (x, y, weight, bias))


if __name__ == "__main__":
    main()
