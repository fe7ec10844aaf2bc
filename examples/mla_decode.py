"""Decoding with multi-head latent attention from a paged cache: one query a sequence, its keys shared out among programs.

To learn: all heads share one latent vector a token, so heads are the rows of the products and a tile of the cache serves as keys and as
values. Pages are found by arithmetic on `tile.index` and a gather from the table. Into how many parts a sequence is split is a tunable of
the algorithm; each part leaves a sum and its logarithm to base 2, which a second loop after `hl.barrier()` puts together in one launch.
"""

from __future__ import annotations

import torch

import helion
import helion.language as hl
from helion.autotuner import PowerOfTwoFragment
from helion.testing import DEVICE, check

LOG2_E = 1.4426950408889634


@helion.kernel
def mla_decode(
    q_latent: torch.Tensor,
    q_rope: torch.Tensor,
    latent_cache: torch.Tensor,
    rope_cache: torch.Tensor,
    pages: torch.Tensor,
    lengths: torch.Tensor,
    scale: float,
) -> torch.Tensor:
    """`softmax(scale * (q_latent @ latent.T + q_rope @ rope.T)) @ latent` over the tokens of each sequence.

    `q_latent` is `[batch, heads, latent]`, `q_rope` `[batch, heads, rope]`; the caches are `[pages, page_size, latent or rope]`; `pages`
    `[batch, most_pages]` names a sequence's pages in order, `lengths` `[batch]` counts its tokens.
    """
    batch, heads, latent = q_latent.size()
    latent = hl.specialize(latent)
    rope = hl.specialize(q_rope.size(2))
    page_size = hl.specialize(latent_cache.size(1))
    tokens = latent_cache.view(-1, latent)
    ropes = rope_cache.view(-1, rope)
    splits = hl.register_tunable("splits", PowerOfTwoFragment(1, 64, 8))
    partial = torch.empty([batch, splits, heads, latent], dtype=torch.float32, device=q_latent.device)
    logsumexp = torch.empty([batch, splits, heads], dtype=torch.float32, device=q_latent.device)
    out = torch.empty_like(q_latent)
    for tile_b, tile_s, tile_h in hl.tile([batch, splits, heads], block_size=[1, 1, None]):
        b, split = tile_b.begin, tile_s.begin
        length = lengths[b]
        part = (length + splits - 1) // splits
        queries = q_latent[b, tile_h, :]
        rotated = q_rope[b, tile_h, :]
        top = hl.full([tile_h], float("-inf"), dtype=torch.float32)
        total = hl.zeros([tile_h], dtype=torch.float32)
        acc = hl.zeros([tile_h, latent], dtype=torch.float32)
        for tile_n in hl.tile(split * part, min(split * part + part, length)):
            page = pages[b, tile_n.index // page_size]
            rows = page * page_size + tile_n.index % page_size
            keys = tokens[rows, :]
            scores = hl.dot(queries, keys.T)
            scores = hl.dot(rotated, ropes[rows, :].T, acc=scores) * (scale * LOG2_E)
            new_top = torch.maximum(top, torch.amax(scores, -1))
            weights = torch.exp2(scores - new_top[:, None])
            shrink = torch.exp2(top - new_top)
            total = total * shrink + torch.sum(weights, -1)
            acc = hl.dot(weights.to(keys.dtype), keys, acc=acc * shrink[:, None])
            top = new_top
        # A part without tokens weighs nothing, whatever its sum is: it is divided by 1 rather than by 0.
        partial[b, split, tile_h, :] = acc / torch.where(total > 0, total, 1.0)[:, None]
        logsumexp[b, split, tile_h] = torch.where(total > 0, top + torch.log2(total), float("-inf"))
    hl.barrier()
    for tile_b, tile_h, tile_d in hl.tile([batch, heads, latent], block_size=[1, None, None]):
        b = tile_b.begin
        most = hl.full([tile_h], float("-inf"), dtype=torch.float32)
        total = hl.zeros([tile_h], dtype=torch.float32)
        acc = hl.zeros([tile_h, tile_d], dtype=torch.float32)
        for split in hl.grid(splits):
            of_split = logsumexp[b, split, tile_h]
            new_most = torch.maximum(most, of_split)
            weight = torch.exp2(of_split - new_most)
            shrink = torch.where(most == new_most, 1.0, torch.exp2(most - new_most))
            total = total * shrink + weight
            acc = acc * shrink[:, None] + partial[b, split, tile_h, tile_d] * weight[:, None]
            most = new_most
        out[b, tile_h, tile_d] = (acc / total[:, None]).to(out.dtype)
    return out


def reference(
    q_latent: torch.Tensor,
    q_rope: torch.Tensor,
    latent_cache: torch.Tensor,
    rope_cache: torch.Tensor,
    pages: torch.Tensor,
    lengths: torch.Tensor,
    scale: float,
) -> torch.Tensor:
    """The same in torch, one sequence after another."""
    rows: list[torch.Tensor] = []
    for i, length in enumerate(lengths.tolist()):
        keys = latent_cache[pages[i]].flatten(0, 1)[:length]
        scores = (q_latent[i] @ keys.T + q_rope[i] @ rope_cache[pages[i]].flatten(0, 1)[:length].T) * scale
        rows.append(scores.softmax(-1) @ keys)
    return torch.stack(rows)


def main() -> None:
    on_gpu = DEVICE.type == "cuda"
    batch, heads, latent, rope, page_size, longest = (32, 128, 512, 64, 64, 8192) if on_gpu else (3, 4, 32, 16, 8, 50)
    dtype = torch.bfloat16 if on_gpu else torch.float32
    most_pages = -(-longest // page_size)
    count = batch * most_pages
    latent_cache = torch.randn(count, page_size, latent, device=DEVICE, dtype=dtype)
    rope_cache = torch.randn(count, page_size, rope, device=DEVICE, dtype=dtype)
    pages = torch.randperm(count, device=DEVICE).view(batch, most_pages).to(torch.int32)
    lengths = torch.randint(1, longest + 1, [batch], device=DEVICE, dtype=torch.int32)
    q_latent = torch.randn(batch, heads, latent, device=DEVICE, dtype=dtype)
    q_rope = torch.randn(batch, heads, rope, device=DEVICE, dtype=dtype)
    check("mla_decode", mla_decode, reference, (q_latent, q_rope, latent_cache, rope_cache, pages, lengths, (latent + rope) ** -0.5))


if __name__ == "__main__":
    main()
