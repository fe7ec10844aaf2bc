"""Matrix multiplication of bfloat16 by packed 4-bit integers, which are unpacked in registers.

Two neighbours along K share a byte, the first in the low bits. To learn: shifts of int8 extend the sign; `torch.stack` and `reshape`
interleave what was unpacked, so that a packed tile of `tile_k.block_size` rows meets a slice of twice as many columns of `x`.
"""

from __future__ import annotations

import torch

import helion
import helion.language as hl
from helion.testing import DEVICE, check


@helion.kernel
def int4_gemm(x: torch.Tensor, packed: torch.Tensor) -> torch.Tensor:
    """`x @ unpack(packed)` for bfloat16 `x` `[m, k]` and int8 `packed` `[k // 2, n]`, in bfloat16."""
    m, k = x.size()
    packed_k, n = packed.size()
    assert k == packed_k * 2
    block_k = hl.register_block_size(packed_k)
    out = torch.empty([m, n], dtype=torch.bfloat16, device=x.device)
    for tile_m, tile_n in hl.tile([m, n]):
        acc = hl.zeros([tile_m, tile_n], dtype=torch.float32)
        for tile_k in hl.tile(packed_k, block_size=block_k):
            first = tile_k.begin * 2
            columns = x[tile_m, first : first + block_k * 2]
            pairs = packed[tile_k, tile_n]
            low = ((pairs << 4) >> 4).to(torch.bfloat16)
            high = (pairs >> 4).to(torch.bfloat16)
            rows = torch.stack([low, high], dim=1).reshape(tile_k.block_size * 2, tile_n.block_size)
            acc = hl.dot(columns, rows, acc=acc)
        out[tile_m, tile_n] = acc.to(torch.bfloat16)
    return out


def pack(values: torch.Tensor) -> torch.Tensor:
    """int8 `[k // 2, n]` from int8 values of -8 to 7 `[k, n]`."""
    return (values[::2] & 15) | (values[1::2] << 4)


def unpack(packed: torch.Tensor) -> torch.Tensor:
    """int8 values of -8 to 7 `[k, n]` from `[k // 2, n]`."""
    return torch.stack([(packed << 4) >> 4, packed >> 4], 1).flatten(0, 1)


def reference(x: torch.Tensor, packed: torch.Tensor) -> torch.Tensor:
    """The same in torch, which writes the unpacked matrix to memory."""
    return x @ unpack(packed).to(x.dtype)


def main() -> None:
    m, k, n = (4096, 4096, 4096) if DEVICE.type == "cuda" else (37, 64, 50)
    x = torch.randn(m, k, device=DEVICE, dtype=torch.bfloat16)
    packed = pack(torch.randint(-8, 8, (k, n), device=DEVICE, dtype=torch.int8))
    check("int4_gemm", int4_gemm, reference, (x, packed))


if __name__ == "__main__":
    main()
