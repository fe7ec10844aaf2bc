"""A matrix, chosen from several by an index in memory, times a vector: the products of a mixture of experts for one token.

To learn: an index that only the device knows selects a matrix by a load in the subscript (`weights[index[i], tile]`), so nothing is
copied; products with a vector need no tensor cores and run at the speed of memory.
"""

from __future__ import annotations

import torch

import helion
import helion.language as hl
from helion.testing import DEVICE, check


@helion.kernel
def gather_gemv(weights: torch.Tensor, index: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """`weights[index[i]] @ x` for every i: `weights` is `[experts, n, k]`, `x` is `[k]`, the result `[len(index), n]`."""
    _, n, k = weights.size()
    chosen = index.size(0)
    k2 = x.size(0)
    assert k == k2
    out = torch.empty([chosen, n], dtype=x.dtype, device=x.device)
    for i, tile_n in hl.tile([chosen, n], block_size=[1, None]):
        expert = index[i.begin]
        acc = hl.zeros([tile_n], dtype=torch.float32)
        for tile_k in hl.tile(k):
            acc = acc + (weights[expert, tile_n, tile_k].to(torch.float32) * x[tile_k].to(torch.float32)).sum(-1)
        out[i.begin, tile_n] = acc
    return out


def reference(weights: torch.Tensor, index: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """The same in torch, which copies the chosen matrices."""
    return weights[index] @ x


def main() -> None:
    experts, chosen, n, k = (8, 2, 8192, 8192) if DEVICE.type == "cuda" else (8, 2, 37, 300)
    weights = torch.randn(experts, n, k, device=DEVICE, dtype=torch.bfloat16)
    index = torch.randint(experts, (chosen,), device=DEVICE, dtype=torch.int32)
    x = torch.randn(k, device=DEVICE, dtype=torch.bfloat16)
    check("gather_gemv", gather_gemv, reference, (weights, index, x))


if __name__ == "__main__":
    main()
