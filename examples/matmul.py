"""Matrix multiplication, plain and with an epilogue that the caller gives."""

from __future__ import annotations

from collections.abc import Callable

import torch

import helion
import helion.language as hl
from helion.testing import DEVICE, check


@helion.kernel
def matmul(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """`x @ y`, accumulated in float32."""
    m, k = x.size()
    k2, n = y.size()
    assert k == k2
    out = torch.empty([m, n], dtype=torch.promote_types(x.dtype, y.dtype), device=x.device)
    for tile_m, tile_n in hl.tile([m, n]):
        acc = hl.zeros([tile_m, tile_n], dtype=torch.float32)
        for tile_k in hl.tile(k):
            acc = torch.addmm(acc, x[tile_m, tile_k], y[tile_k, tile_n])
        out[tile_m, tile_n] = acc
    return out


@helion.kernel
def matmul_with_epilogue(
    x: torch.Tensor, y: torch.Tensor, epilogue: Callable[[torch.Tensor, tuple[hl.Tile, hl.Tile]], torch.Tensor]
) -> torch.Tensor:
    """`epilogue(x @ y, tile)`, applied to each tile while it is in registers."""
    m, k = x.size()
    k2, n = y.size()
    assert k == k2
    out = torch.empty([m, n], dtype=torch.promote_types(x.dtype, y.dtype), device=x.device)
    for tile_m, tile_n in hl.tile([m, n]):
        acc = hl.zeros([tile_m, tile_n], dtype=torch.float32)
        for tile_k in hl.tile(k):
            acc = hl.dot(x[tile_m, tile_k], y[tile_k, tile_n], acc=acc)
        out[tile_m, tile_n] = epilogue(acc, (tile_m, tile_n))
    return out


def main() -> None:
    m, k, n = (4096, 4096, 4096) if DEVICE.type == "cuda" else (37, 64, 50)
    x = torch.randn(m, k, device=DEVICE, dtype=torch.bfloat16)
    y = torch.randn(k, n, device=DEVICE, dtype=torch.bfloat16)
    bias = torch.randn(n, device=DEVICE, dtype=torch.bfloat16)
    check("matmul", matmul, torch.matmul, (x, y))
    check(
        "matmul, bias and relu",
        lambda x, y: matmul_with_epilogue(x, y, lambda acc, tile: torch.relu(acc + bias[tile[1]])),
        lambda x, y: torch.relu(x @ y + bias),
        (x, y),
    )


if __name__ == "__main__":
    main()
