"""Attention over sequences of different lengths that lie one after another, without padding; full and causal, with grouped heads.

To learn: the grid covers the longest sequence, and a program whose rows lie beyond its own sequence ends early under an `if` on a number
read from memory; the walk over keys ends where that sequence does. Rows are found by adding the sequence's first row to `tile.index`.
"""

from __future__ import annotations

import itertools

import torch

import helion
import helion.language as hl
from helion.testing import DEVICE, check

LOG2_E = 1.4426950408889634


@helion.kernel
def varlen_attention(
    q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, offsets: torch.Tensor, longest: int, causal: hl.constexpr = True
) -> torch.Tensor:
    """Attention within each sequence: `q` is `[rows, heads, d]`, `k` and `v` `[rows, kv_heads, d]`; sequence `i` has the rows from
    `offsets[i]` to `offsets[i + 1]`, at most `longest`."""
    _, heads, head_dim = q.size()
    heads = hl.specialize(heads)
    head_dim = hl.specialize(head_dim)
    group = heads // hl.specialize(k.size(1))
    out = torch.empty_like(q)
    scale = head_dim**-0.5 * LOG2_E
    for tile_s, tile_h, tile_m in hl.tile([offsets.size(0) - 1, heads, longest], block_size=[1, 1, None]):
        first = offsets[tile_s.begin]
        length = offsets[tile_s.begin + 1] - first
        head = tile_h.begin
        if tile_m.begin < length:
            inside = tile_m.index < length
            rows = first + tile_m.index
            queries = hl.load(q, [rows, head, slice(None)], extra_mask=inside[:, None])
            top = hl.full([tile_m], float("-inf"), dtype=torch.float32)
            total = hl.zeros([tile_m], dtype=torch.float32)
            acc = hl.zeros([tile_m, head_dim], dtype=torch.float32)
            end = min(length, tile_m.end) if causal else length
            for tile_n in hl.tile(0, end):
                keys = k[first + tile_n.index, head // group, :]
                scores = hl.dot(queries, keys.T)
                if causal:
                    scores = torch.where(tile_m.index[:, None] >= tile_n.index[None, :], scores, float("-inf"))
                new_top = torch.maximum(top, torch.amax(scores, -1) * scale)
                weights = torch.exp2(scores * scale - new_top[:, None])
                shrink = torch.exp2(top - new_top)
                total = total * shrink + torch.sum(weights, -1)
                values = v[first + tile_n.index, head // group, :]
                acc = hl.dot(weights.to(values.dtype), values, acc=acc * shrink[:, None])
                top = new_top
            hl.store(out, [rows, head, slice(None)], (acc / total[:, None]).to(out.dtype), extra_mask=inside[:, None])
    return out


def reference(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, offsets: torch.Tensor, longest: int, causal: bool = True) -> torch.Tensor:
    """The same in torch, one sequence after another."""
    bounds = offsets.tolist()
    parts: list[torch.Tensor] = []
    for begin, end in itertools.pairwise(bounds):
        one_q, one_k, one_v = (x[begin:end].transpose(0, 1)[None] for x in (q, k, v))
        one = torch.nn.functional.scaled_dot_product_attention(one_q, one_k, one_v, is_causal=causal, enable_gqa=True)
        parts.append(one[0].transpose(0, 1))
    return torch.cat(parts) if parts else torch.empty_like(q)


def main() -> None:
    on_gpu = DEVICE.type == "cuda"
    lengths = torch.tensor([4096, 511, 1, 2048, 0, 777] if on_gpu else [17, 1, 40, 0, 9])
    heads, kv_heads, head_dim = (32, 8, 128) if on_gpu else (4, 2, 16)
    offsets = torch.nn.functional.pad(lengths.cumsum(0), (1, 0)).to(DEVICE, torch.int32)
    rows = int(lengths.sum())
    q = torch.randn(rows, heads, head_dim, device=DEVICE, dtype=torch.bfloat16)
    k, v = (torch.randn(rows, kv_heads, head_dim, device=DEVICE, dtype=torch.bfloat16) for _ in range(2))
    longest = int(lengths.max())
    check("varlen_attention", varlen_attention, reference, (q, k, v, offsets, longest, False))
    check("varlen_attention, causal", varlen_attention, reference, (q, k, v, offsets, longest, True))


if __name__ == "__main__":
    main()
