"""Split-K matrix multiplication in one launch without atomics: partial sums, a barrier, and their sum in a fixed order.

To learn: `hl.barrier()` between two grid loops lets the second read what the first wrote; unlike sums by atomics, the result is the same
bits at every run.
"""

from __future__ import annotations

import torch

import helion
import helion.language as hl
from helion.autotuner import PowerOfTwoFragment
from helion.testing import DEVICE, check


@helion.kernel
def split_k_barrier(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """`x @ y`, accumulated in float32."""
    m, k = x.size()
    k2, n = y.size()
    assert k == k2
    split_k = hl.register_tunable("split_k", PowerOfTwoFragment(2, 128, 64))
    part = helion.next_power_of_2(helion.cdiv(k, split_k))
    partial_sums = torch.empty([split_k, m, n], dtype=torch.float32, device=x.device)
    out = torch.empty([m, n], dtype=torch.promote_types(x.dtype, y.dtype), device=x.device)
    for tile_m, tile_n, outer_k in hl.tile([m, n, split_k * part], block_size=[None, None, part]):
        acc = hl.zeros([tile_m, tile_n], dtype=torch.float32)
        for inner_k in hl.tile(outer_k.begin, min(outer_k.end, k)):
            acc = torch.addmm(acc, x[tile_m, inner_k], y[inner_k, tile_n])
        partial_sums[outer_k.id, tile_m, tile_n] = acc
    hl.barrier()
    for tile_m, tile_n in hl.tile([m, n]):
        out[tile_m, tile_n] = partial_sums[:, tile_m, tile_n].sum(0)
    return out


def main() -> None:
    m, k, n = (64, 32768, 64) if DEVICE.type == "cuda" else (16, 300, 37)
    x = torch.randn(m, k, device=DEVICE, dtype=torch.bfloat16)
    y = torch.randn(k, n, device=DEVICE, dtype=torch.bfloat16)
    check("split_k_barrier", split_k_barrier, torch.matmul, (x, y))


if __name__ == "__main__":
    main()
