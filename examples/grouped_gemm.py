"""Matrix products of groups of rows, each group with a matrix of its own: adapters, experts, anything whose batches have different sizes.

To learn: one program a group and tile of columns whose loops end where memory says; and persistent programs, as many as the GPU has
multiprocessors, that share out the tiles of all groups evenly: scalars that a loop carries, `hl.grid` with runtime bounds and step, blocks
made of `hl.arange`.
"""

from __future__ import annotations

import torch

import helion
import helion.language as hl
from helion.testing import DEVICE, check


@helion.kernel
def grouped_gemm(x: torch.Tensor, weights: torch.Tensor, offsets: torch.Tensor) -> torch.Tensor:
    """`x[offsets[g]:offsets[g + 1]] @ weights[g]` for every g, behind one another; `offsets` begins with 0 and ends with the rows of x."""
    rows, k = x.size()
    groups, k2, n = weights.size()
    assert k == k2
    assert offsets.size(0) == groups + 1
    out = torch.empty([rows, n], dtype=torch.promote_types(x.dtype, weights.dtype), device=x.device)
    for tile_g, tile_n in hl.tile([groups, n], block_size=[1, None]):
        g = tile_g.begin
        start = offsets[g]
        for tile_m in hl.tile(offsets[g + 1] - start):
            row = start + tile_m.index
            acc = hl.zeros([tile_m, tile_n], dtype=torch.float32)
            for tile_k in hl.tile(k):
                acc = torch.addmm(acc, x[row, tile_k], weights[g, tile_k, tile_n])
            out[row, tile_n] = acc.to(out.dtype)
    return out


@helion.kernel
def grouped_gemm_persistent(x: torch.Tensor, weights: torch.Tensor, offsets: torch.Tensor) -> torch.Tensor:
    """The same by one program a multiprocessor: tiles are numbered through all groups, and program `p` of `n` takes p, p + n, p + 2n ..."""
    rows, k = x.size()
    groups, k2, n = weights.size()
    assert k == k2
    assert offsets.size(0) == groups + 1
    out = torch.empty([rows, n], dtype=torch.promote_types(x.dtype, weights.dtype), device=x.device)
    workers = helion.runtime.get_num_sm(x.device)
    block_m = hl.register_block_size(16, 256)
    block_n = hl.register_block_size(16, 256)
    tiles_n = helion.cdiv(n, block_n)
    for worker in hl.grid(workers):
        first = hl.full([], worker, dtype=offsets.dtype)
        for g in hl.grid(groups):
            start = offsets[g]
            end = offsets[g + 1]
            tiles = (end - start + block_m - 1) // block_m * tiles_n
            for tile in hl.grid(first, tiles, workers):
                row = start + tile // tiles_n * block_m + hl.arange(block_m)
                column = tile % tiles_n * block_n + hl.arange(block_n)
                in_group = row < end
                in_matrix = column < n
                acc = hl.zeros([block_m, block_n], dtype=torch.float32)
                for tile_k in hl.tile(k):
                    a = hl.load(x, [row, tile_k], extra_mask=in_group[:, None])
                    b = hl.load(weights, [g, tile_k, column], extra_mask=in_matrix[None, :])
                    acc = torch.addmm(acc, a, b)
                hl.store(out, [row, column], acc.to(out.dtype), extra_mask=in_group[:, None] & in_matrix[None, :])
            first = (first - tiles) % workers
    return out


def reference(x: torch.Tensor, weights: torch.Tensor, offsets: torch.Tensor) -> torch.Tensor:
    """The same in torch, group by group."""
    groups = x.tensor_split(offsets[1:-1].long().cpu())
    return torch.cat([group @ weight for group, weight in zip(groups, weights, strict=True)])


def main() -> None:
    groups, most, k, n = (8, 4096, 4096, 4096) if DEVICE.type == "cuda" else (5, 40, 48, 70)
    sizes = torch.randint(most + 1, [groups], device=DEVICE)
    offsets = torch.nn.functional.pad(sizes.cumsum(0), (1, 0))
    x = torch.randn(int(offsets[-1]), k, device=DEVICE, dtype=torch.bfloat16)
    weights = torch.randn(groups, k, n, device=DEVICE, dtype=torch.bfloat16)
    check("grouped_gemm", grouped_gemm, reference, (x, weights, offsets))
    check("grouped_gemm_persistent", grouped_gemm_persistent, reference, (x, weights, offsets))


if __name__ == "__main__":
    main()
