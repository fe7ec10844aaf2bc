"""The same attention written with jagged tiles: queries and keys of a tile of sequences, in loops that end where each sequence does.

To learn: two `hl.jagged_tile` loops, one in the other, over the same lengths; everything inside reads like attention over a dense batch.
"""

from __future__ import annotations

import torch

import helion
import helion.language as hl
from examples.jagged_hstu_attn import reference
from helion.testing import DEVICE, check


@helion.kernel
def jagged_hstu_attn_2(
    q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, offsets: torch.Tensor, longest: int, alpha: float
) -> torch.Tensor:
    """`silu(q @ k.T * alpha) / longest @ v` of q, k and v `[rows, heads, d]` in each sequence `offsets[b]:offsets[b + 1]`, where a query
    sees keys at its own place and before.
    """
    heads = q.size(1)
    value_dim = hl.specialize(v.size(2))
    sequences = offsets.size(0) - 1
    scale = 1.0 / longest
    out = torch.empty_like(v)
    for tile_b, tile_h in hl.tile([sequences, heads], block_size=[None, 1]):
        head = tile_h.begin
        starts = offsets[tile_b]
        lengths = offsets[tile_b.index + 1] - starts
        for tile_q in hl.jagged_tile(lengths):
            query_rows = starts[:, None] + tile_q.index[None, :]
            queries = q[query_rows, head, :]
            acc = hl.zeros([tile_b, tile_q, value_dim], dtype=torch.float32)
            for tile_k in hl.jagged_tile(lengths):
                key_rows = starts[:, None] + tile_k.index[None, :]
                scores = torch.bmm(queries, k[key_rows, head, :].transpose(1, 2)).to(torch.float32)
                scores = torch.nn.functional.silu(scores * alpha) * scale
                is_seen = tile_q.index[:, None] >= tile_k.index[None, :]
                weights = torch.where(is_seen[None, :, :], scores, 0.0)
                acc = torch.baddbmm(acc, weights.to(v.dtype), v[key_rows, head, :])
            out[query_rows, head, :] = acc.to(out.dtype)
    return out


def main() -> None:
    sequences, longest, heads, d = (128, 2048, 4, 128) if DEVICE.type == "cuda" else (5, 40, 2, 32)
    lengths = torch.randint(longest + 1, [sequences], device=DEVICE)
    offsets = torch.nn.functional.pad(lengths.cumsum(0), (1, 0))
    q, k, v = (torch.randn(int(offsets[-1]), heads, d, device=DEVICE, dtype=torch.bfloat16) for _ in range(3))
    check("jagged_hstu_attn_2", jagged_hstu_attn_2, reference, (q, k, v, offsets, longest, d**-0.5))


if __name__ == "__main__":
    main()
