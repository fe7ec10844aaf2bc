"""Attention of sequential recommenders (HSTU) over sequences of different lengths: SiLU of the scores in place of softmax, causal.

To learn: one grid over sequences, heads and query tiles of the longest sequence; an `if` on what memory says skips the tiles that a shorter
sequence does not have, and the inner loop ends with the query tile or the sequence, whichever is first.
"""

from __future__ import annotations

import torch

import helion
import helion.language as hl
from helion.testing import DEVICE, check


@helion.kernel
def jagged_hstu_attn(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, offsets: torch.Tensor, longest: int, alpha: float) -> torch.Tensor:
    """`silu(q @ k.T * alpha) / longest @ v` of q, k and v `[rows, heads, d]` in each sequence `offsets[b]:offsets[b + 1]`, where a query
    sees keys at its own place and before. No sequence has more than `longest` rows.
    """
    heads = q.size(1)
    head_dim = hl.specialize(q.size(2))
    value_dim = hl.specialize(v.size(2))
    sequences = offsets.size(0) - 1
    scale = 1.0 / longest
    out = torch.empty_like(v)
    for tile_b, tile_h, tile_q in hl.tile([sequences, heads, longest], block_size=[1, 1, None]):
        start = offsets[tile_b.begin]
        length = offsets[tile_b.begin + 1] - start
        if tile_q.begin < length:
            query_rows = start + tile_q.index
            has_query = tile_q.index < length
            queries = hl.load(q, [query_rows, tile_h.begin, hl.arange(head_dim)], extra_mask=has_query[:, None])
            acc = hl.zeros([tile_q, value_dim], dtype=torch.float32)
            for tile_k in hl.tile(0, min(length, tile_q.end)):
                key_rows = start + tile_k.index
                keys = k[key_rows, tile_h.begin, :]
                scores = torch.nn.functional.silu(hl.dot(queries, keys.T) * alpha) * scale
                is_seen = tile_q.index[:, None] >= tile_k.index[None, :]
                weights = torch.where(is_seen, scores, 0.0)
                acc = hl.dot(weights.to(v.dtype), v[key_rows, tile_h.begin, :], acc=acc)
            hl.store(out, [query_rows, tile_h.begin, hl.arange(value_dim)], acc.to(out.dtype), extra_mask=has_query[:, None])
    return out


def reference(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, offsets: torch.Tensor, longest: int, alpha: float) -> torch.Tensor:
    """The same in torch, sequence by sequence."""
    cuts = offsets[1:-1].long().cpu()
    parts: list[torch.Tensor] = []
    for q_b, k_b, v_b in zip(q.tensor_split(cuts), k.tensor_split(cuts), v.tensor_split(cuts), strict=True):
        scores = torch.nn.functional.silu(torch.einsum("qhd,khd->hqk", q_b, k_b) * alpha) / longest
        parts.append(torch.einsum("hqk,khd->qhd", scores.tril(), v_b))
    return torch.cat(parts)


def main() -> None:
    sequences, longest, heads, d = (128, 2048, 4, 128) if DEVICE.type == "cuda" else (5, 40, 2, 32)
    lengths = torch.randint(longest + 1, [sequences], device=DEVICE)
    offsets = torch.nn.functional.pad(lengths.cumsum(0), (1, 0))
    q, k, v = (torch.randn(int(offsets[-1]), heads, d, device=DEVICE, dtype=torch.bfloat16) for _ in range(3))
    check("jagged_hstu_attn", jagged_hstu_attn, reference, (q, k, v, offsets, longest, d**-0.5))


if __name__ == "__main__":
    main()
