"""Decoding with grouped heads from a paged cache: one query a sequence, its keys shared out among programs, two kernels.

To learn: the heads of a group are the rows of the products, so that each key is read once a group; they are found by a tile over the whole
group in a tensor that the host viewed as `[batch, kv_heads, group, d]`. Heads need not fill the tensor cores' 16 rows: the block is
padded. Without `hl.barrier()` (see `mla_decode`) a second kernel puts the parts together.
"""

from __future__ import annotations

import torch

import helion
import helion.language as hl
from helion.testing import DEVICE, check

LOG2_E = 1.4426950408889634


@helion.kernel
def paged_decode_parts(
    q: torch.Tensor, k_cache: torch.Tensor, v_cache: torch.Tensor, pages: torch.Tensor, lengths: torch.Tensor, splits: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Attention of `q` `[batch, kv_heads, group, d]` to each part of its sequence, in float32, and the logarithms to base 2 of the sums.

    The caches are `[pages, page_size, kv_heads, d]`; `pages` `[batch, most_pages]` names a sequence's pages in order.
    """
    batch, kv_heads, group, head_dim = q.size()
    head_dim = hl.specialize(head_dim)
    group = hl.specialize(group)
    page_size = hl.specialize(k_cache.size(1))
    keys_of_tokens = k_cache.view(-1, kv_heads, head_dim)
    values_of_tokens = v_cache.view(-1, kv_heads, head_dim)
    partial = torch.empty([batch, kv_heads, splits, group, head_dim], dtype=torch.float32, device=q.device)
    logsumexp = torch.empty([batch, kv_heads, splits, group], dtype=torch.float32, device=q.device)
    scale = head_dim**-0.5 * LOG2_E
    for b, head, split in hl.grid([batch, kv_heads, splits]):
        length = lengths[b]
        part = (length + splits - 1) // splits
        queries = q[b, head, :, :]
        top = hl.full([group], float("-inf"), dtype=torch.float32)
        total = hl.zeros([group], dtype=torch.float32)
        acc = hl.zeros([group, head_dim], dtype=torch.float32)
        for tile_n in hl.tile(split * part, min(split * part + part, length)):
            rows = pages[b, tile_n.index // page_size] * page_size + tile_n.index % page_size
            scores = hl.dot(queries, keys_of_tokens[rows, head, :].T) * scale
            new_top = torch.maximum(top, torch.amax(scores, -1))
            weights = torch.exp2(scores - new_top[:, None])
            shrink = torch.exp2(top - new_top)
            total = total * shrink + torch.sum(weights, -1)
            values = values_of_tokens[rows, head, :]
            acc = hl.dot(weights.to(values.dtype), values, acc=acc * shrink[:, None])
            top = new_top
        # A part without tokens weighs nothing, whatever its sum is: it is divided by 1 rather than by 0.
        partial[b, head, split, :, :] = acc / torch.where(total > 0, total, 1.0)[:, None]
        logsumexp[b, head, split, :] = torch.where(total > 0, top + torch.log2(total), float("-inf"))
    return partial, logsumexp


@helion.kernel
def combine_parts(partial: torch.Tensor, logsumexp: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """The attention whose parts are given, `[batch, kv_heads, group, d]`."""
    batch, kv_heads, splits, group, head_dim = partial.size()
    head_dim = hl.specialize(head_dim)
    splits = hl.specialize(splits)
    out = torch.empty([batch, kv_heads, group, head_dim], dtype=dtype, device=partial.device)
    for b, head, row in hl.grid([batch, kv_heads, group]):
        of_parts = logsumexp[b, head, :, row]
        weights = torch.exp2(of_parts - torch.amax(of_parts, 0))
        summed = torch.sum(partial[b, head, :, row, :] * weights[:, None], 0)
        out[b, head, row, :] = (summed / torch.sum(weights, 0)).to(dtype)
    return out


def paged_decode(
    q: torch.Tensor, k_cache: torch.Tensor, v_cache: torch.Tensor, pages: torch.Tensor, lengths: torch.Tensor, splits: int = 8
) -> torch.Tensor:
    """Attention of one query a sequence, `[batch, heads, d]`."""
    grouped = q.view(q.size(0), k_cache.size(2), -1, q.size(2))
    return combine_parts(*paged_decode_parts(grouped, k_cache, v_cache, pages, lengths, splits), q.dtype).view(q.size())


def reference(q: torch.Tensor, k_cache: torch.Tensor, v_cache: torch.Tensor, pages: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """The same in torch, one sequence after another."""
    rows: list[torch.Tensor] = []
    for i, length in enumerate(lengths.tolist()):
        keys, values = (cache[pages[i]].flatten(0, 1)[:length].transpose(0, 1) for cache in (k_cache, v_cache))
        query = q[i].unsqueeze(1)
        attended = torch.nn.functional.scaled_dot_product_attention(query[None], keys[None], values[None], enable_gqa=True)
        rows.append(attended[0, :, 0])
    return torch.stack(rows)


def main() -> None:
    on_gpu = DEVICE.type == "cuda"
    batch, heads, kv_heads, head_dim, page_size, longest = (32, 32, 8, 128, 16, 8192) if on_gpu else (3, 6, 2, 16, 8, 50)
    dtype = torch.bfloat16 if on_gpu else torch.float32
    most_pages = -(-longest // page_size)
    count = batch * most_pages
    k_cache, v_cache = (torch.randn(count, page_size, kv_heads, head_dim, device=DEVICE, dtype=dtype) for _ in range(2))
    pages = torch.randperm(count, device=DEVICE).view(batch, most_pages).to(torch.int32)
    lengths = torch.randint(1, longest + 1, [batch], device=DEVICE, dtype=torch.int32)
    q = torch.randn(batch, heads, head_dim, device=DEVICE, dtype=dtype)
    check("paged_decode", paged_decode, reference, (q, k_cache, v_cache, pages, lengths))


if __name__ == "__main__":
    main()
