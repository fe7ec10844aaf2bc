"""Attention whose scores and masks are functions of the caller's, with a block mask that says which blocks of keys to visit at all.

To learn: functions are arguments of a kernel and become part of it, with the tensors that they close over; a call of one in device code is
written out in place. The walk over blocks is one loop over all of their rows (`number * block`), so that loads are pipelined across blocks;
where the rows lie is looked up. Blocks without a masked element skip the mask, and take their rows as a slice of computed start.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch.nn.attention.flex_attention import BlockMask, create_block_mask
from torch.nn.attention.flex_attention import flex_attention as torch_flex_attention

import helion
import helion.language as hl
from helion.testing import DEVICE, check

LOG2_E = 1.4426950408889634
ScoreFunction = Callable[[Any, Any, Any, Any, Any], Any]
MaskFunction = Callable[[Any, Any, Any, Any], Any]


def unchanged(score: Any, b: Any, h: Any, q_index: Any, kv_index: Any) -> Any:
    """The score function that does nothing."""
    return score


def causal(b: Any, h: Any, q_index: Any, kv_index: Any) -> Any:
    """A query sees keys at its own place and before."""
    return q_index >= kv_index


@helion.kernel
def flex_attention_kernel(
    q: torch.Tensor,
    k: torch.Tensor,
    v: torch.Tensor,
    partial_counts: torch.Tensor,
    partial_blocks: torch.Tensor,
    full_counts: torch.Tensor,
    full_blocks: torch.Tensor,
    score_function: Callable[[Any, Any, Any, Any, Any], Any] = unchanged,
    mask_function: Callable[[Any, Any, Any, Any], Any] = causal,
    block: int = 128,
) -> torch.Tensor:
    """Attention of `q` `[batch, heads, rows, d]` to `k` and `v` `[batch, kv_heads, rows, d]`.

    Counts `[b, h, q_blocks]` and blocks `[b, h, q_blocks, kv_blocks]` are those of torch's `BlockMask`, with `block` rows a block; `b`
    and `h` may be 1, for all.
    """
    batch, heads, m_dim, head_dim = q.size()
    n_dim = k.size(2)
    head_dim = hl.specialize(head_dim)
    block = hl.specialize(block)
    group = hl.specialize(heads) // hl.specialize(k.size(1))
    mask_batch = hl.specialize(partial_counts.size(0))
    mask_heads = hl.specialize(partial_counts.size(1))
    out = torch.empty_like(q)
    scale = head_dim**-0.5
    block_m = hl.register_block_size(16, block)
    block_n = hl.register_block_size(16, block)
    for tile_b, tile_h, tile_m in hl.tile([batch, heads, m_dim], block_size=[1, 1, block_m]):
        b, h = tile_b.begin, tile_h.begin
        mask_b, mask_h = b % mask_batch, h % mask_heads
        row = tile_m.begin // block
        queries = q[b, h, tile_m, :]
        top = hl.full([tile_m], float("-inf"), dtype=torch.float32)
        total = hl.zeros([tile_m], dtype=torch.float32)
        acc = hl.zeros([tile_m, head_dim], dtype=torch.float32)
        for tile_n in hl.tile(partial_counts[mask_b, mask_h, row] * block, block_size=block_n):
            begin = partial_blocks[mask_b, mask_h, row, tile_n.begin // block] * block + tile_n.begin % block
            columns = begin + hl.arange(tile_n.block_size)
            # Rows beyond the end look like the last row, to loads and to the caller's functions, which may look up what they are given.
            inside = columns.clamp(max=n_dim - 1)
            scores = hl.dot(queries, k[b, h // group, inside, :].T) * scale
            scores = score_function(scores, b, h, tile_m.index[:, None], inside[None, :])
            seen = mask_function(b, h, tile_m.index[:, None], inside[None, :]) & (columns < n_dim)[None, :]
            scores = torch.where(seen, scores * LOG2_E, float("-inf"))
            new_top = torch.maximum(top, torch.amax(scores, -1))
            # Of a row that has seen nothing yet the largest score is -inf, from which nothing may be subtracted.
            finite_top = torch.where(new_top == float("-inf"), 0.0, new_top)
            weights = torch.exp2(scores - finite_top[:, None])
            shrink = torch.exp2(top - finite_top)
            total = total * shrink + torch.sum(weights, -1)
            values = v[b, h // group, inside, :]
            acc = hl.dot(weights.to(values.dtype), values, acc=acc * shrink[:, None])
            top = new_top
        for tile_n in hl.tile(full_counts[mask_b, mask_h, row] * block, block_size=block_n):
            begin = full_blocks[mask_b, mask_h, row, tile_n.begin // block] * block + tile_n.begin % block
            columns = begin + hl.arange(tile_n.block_size)
            scores = hl.dot(queries, k[b, h // group, begin : begin + tile_n.block_size, :].T) * scale
            scores = score_function(scores, b, h, tile_m.index[:, None], columns[None, :]) * LOG2_E
            new_top = torch.maximum(top, torch.amax(scores, -1))
            weights = torch.exp2(scores - new_top[:, None])
            shrink = torch.exp2(top - new_top)
            total = total * shrink + torch.sum(weights, -1)
            values = v[b, h // group, begin : begin + tile_n.block_size, :]
            acc = hl.dot(weights.to(values.dtype), values, acc=acc * shrink[:, None])
            top = new_top
        # A row that sees nothing gives 0.
        out[b, h, tile_m, :] = (acc / torch.where(total > 0, total, 1.0)[:, None]).to(out.dtype)
    return out


def flex_attention(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, score_mod: ScoreFunction, block_mask: BlockMask) -> torch.Tensor:
    """As torch's `flex_attention`, for a mask with square blocks."""
    counts, blocks = block_mask.kv_num_blocks, block_mask.kv_indices
    full_counts, full_blocks = block_mask.full_kv_num_blocks, block_mask.full_kv_indices
    assert full_counts is not None and full_blocks is not None
    rows, columns = block_mask.BLOCK_SIZE
    assert rows == columns
    return flex_attention_kernel(q, k, v, counts, blocks, full_counts, full_blocks, score_mod, block_mask.mask_mod, rows)


def main() -> None:
    on_gpu = DEVICE.type == "cuda"
    batch, heads, kv_heads, rows, head_dim, block = (4, 32, 8, 4096, 128, 128) if on_gpu else (2, 4, 2, 70, 16, 32)
    dtype = torch.bfloat16 if on_gpu else torch.float32
    q = torch.randn(batch, heads, rows, head_dim, device=DEVICE, dtype=dtype)
    k, v = (torch.randn(batch, kv_heads, rows, head_dim, device=DEVICE, dtype=dtype) for _ in range(2))
    slopes = torch.exp2(-torch.arange(1, heads + 1, device=DEVICE) * (8.0 / heads))
    documents = torch.arange(rows, device=DEVICE) // (rows // 3)

    def alibi(score: Any, b: Any, h: Any, q_index: Any, kv_index: Any) -> Any:
        return score + slopes[h] * (kv_index - q_index)

    def causal_documents(b: Any, h: Any, q_index: Any, kv_index: Any) -> Any:
        return (q_index >= kv_index) & (documents[q_index] == documents[kv_index])

    reference = torch.compile(torch_flex_attention) if on_gpu else torch_flex_attention
    for name, score_mod, mask_mod in (("causal", unchanged, causal), ("alibi and documents", alibi, causal_documents)):
        mask = create_block_mask(mask_mod, None, None, rows, rows, device=DEVICE.type, BLOCK_SIZE=block)
        check(
            f"flex_attention, {name}",
            lambda q, k, v, score_mod=score_mod, mask=mask: flex_attention(q, k, v, score_mod, mask),
            lambda q, k, v, score_mod=score_mod, mask=mask: reference(q, k, v, score_mod, mask, enable_gqa=True),
            (q, k, v),
        )


if __name__ == "__main__":
    main()
