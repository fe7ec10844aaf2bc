"""Matrix multiplication of bfloat16 with int16, in either order, without writing the widened integers to memory.

To learn: `.to(torch.bfloat16)` on a tile converts in registers in front of the tensor cores; rounding to bfloat16 is that of torch.
"""

from __future__ import annotations

import torch

import helion
import helion.language as hl
from helion.testing import DEVICE, check


@helion.kernel
def bf16xint16(x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
    """`x @ w.to(bfloat16)` for bfloat16 `x` `[m, k]` and int16 `w` `[k, n]`, in bfloat16."""
    m, k = x.size()
    k2, n = w.size()
    assert k == k2
    out = torch.empty([m, n], dtype=torch.bfloat16, device=x.device)
    for tile_m, tile_n in hl.tile([m, n]):
        acc = hl.zeros([tile_m, tile_n], dtype=torch.float32)
        for tile_k in hl.tile(k):
            acc = hl.dot(x[tile_m, tile_k], w[tile_k, tile_n].to(torch.bfloat16), acc=acc)
        out[tile_m, tile_n] = acc.to(torch.bfloat16)
    return out


@helion.kernel
def int16xbf16(x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
    """`x.to(bfloat16) @ w` for int16 `x` `[m, k]` and bfloat16 `w` `[k, n]`, in bfloat16."""
    m, k = x.size()
    k2, n = w.size()
    assert k == k2
    out = torch.empty([m, n], dtype=torch.bfloat16, device=x.device)
    for tile_m, tile_n in hl.tile([m, n]):
        acc = hl.zeros([tile_m, tile_n], dtype=torch.float32)
        for tile_k in hl.tile(k):
            acc = hl.dot(x[tile_m, tile_k].to(torch.bfloat16), w[tile_k, tile_n], acc=acc)
        out[tile_m, tile_n] = acc.to(torch.bfloat16)
    return out


def bf16xint16_gemm(x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
    """The product, whichever of the operands holds the integers."""
    return int16xbf16(x, w) if x.dtype is torch.int16 else bf16xint16(x, w)


def reference(x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
    """The same in torch, which writes the widened operand to memory."""
    return x.to(torch.bfloat16) @ w.to(torch.bfloat16)


def main() -> None:
    m, k, n = (65536, 1024, 1280) if DEVICE.type == "cuda" else (37, 64, 50)
    floats = torch.randn(m, k, device=DEVICE, dtype=torch.bfloat16)
    integers = torch.randint(-(2**15), 2**15, (k, n), device=DEVICE, dtype=torch.int16)
    check("bf16 x int16", bf16xint16_gemm, reference, (floats, integers))
    check("int16 x bf16", bf16xint16_gemm, reference, (integers.T.contiguous(), floats.T.contiguous()))


if __name__ == "__main__":
    main()
