"""Examples of attention under masks of the caller's, and of decoding from caches."""

from __future__ import annotations

from typing import Any

import torch
from torch.nn.attention.flex_attention import create_block_mask

from examples import flex_attention, mla_decode, paged_decode
from tests.parity.case import Case, Draw, Shape, Shapes, normal

_Drawn = list[torch.Tensor]
_BLOCK = 32
_WINDOW = 40
_PAGE = 8


def _in_window(b: Any, h: Any, q_index: Any, kv_index: Any) -> Any:
    """The last rows before each row, fewer for later heads; row 7 sees nothing."""
    return (q_index >= kv_index) & (q_index - kv_index < _WINDOW - h) & (q_index != 7)


def _capped(score: Any, b: Any, h: Any, q_index: Any, kv_index: Any) -> Any:
    return torch.tanh(score * 0.5) * 2.0 + (kv_index - q_index) * (h + 1) * 0.01


def _blocks(result: int, mask_function: Any = _in_window) -> Draw:
    """Draws one of the tensors of torch's block mask for the shapes of `q` and `k` drawn before."""

    def draw(shape: Shape, generator: torch.Generator, dtype: torch.dtype, drawn: _Drawn) -> torch.Tensor:
        _, heads, rows, _ = drawn[0].shape
        mask = create_block_mask(mask_function, None, heads, rows, drawn[1].size(2), device="cpu", BLOCK_SIZE=_BLOCK)
        found = (mask.kv_num_blocks, mask.kv_indices, mask.full_kv_num_blocks, mask.full_kv_indices)[result]
        assert found is not None
        assert found.shape == shape
        return found

    return draw


def _flex(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, *rest: object) -> torch.Tensor:
    heads, rows, columns = q.size(1), q.size(2), k.size(2)
    k, v = (x.repeat_interleave(heads // k.size(1), 1) for x in (k, v))
    h, m, n = (torch.arange(size, device=q.device) for size in (heads, rows, columns))
    places = (0, h[:, None, None], m[:, None], n)
    scores = _capped(q @ k.transpose(2, 3) * q.size(-1) ** -0.5, *places)
    return scores.masked_fill(~_in_window(*places), float("-inf")).softmax(-1).nan_to_num() @ v


def _causal(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, *rest: object) -> torch.Tensor:
    return torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)


def _flex_shapes(batch: int, heads: int, kv_heads: int, rows: int, columns: int, head_dim: int) -> Shapes:
    across, down = -(-columns // _BLOCK), -(-rows // _BLOCK)
    k = (batch, kv_heads, columns, head_dim)
    counts, blocks = (1, heads, down), (1, heads, down, across)
    return (batch, heads, rows, head_dim), k, k, counts, blocks, counts, blocks


def _pages(shape: Shape, generator: torch.Generator, dtype: torch.dtype, drawn: _Drawn) -> torch.Tensor:
    """Pages of the cache drawn last, in any order, no two sequences sharing one."""
    return torch.randperm(drawn[-1].size(0), generator=generator)[: shape[0] * shape[1]].view(shape).to(torch.int32)


def _lengths(shape: Shape, generator: torch.Generator, dtype: torch.dtype, drawn: _Drawn) -> torch.Tensor:
    return torch.randint(1, drawn[-1].size(1) * _PAGE + 1, shape, generator=generator).to(torch.int32)


def _latent_shapes(batch: int, heads: int, latent: int, rope: int, most_pages: int) -> Shapes:
    count = batch * most_pages + 1
    return (batch, heads, latent), (batch, heads, rope), (count, _PAGE, latent), (count, _PAGE, rope), (batch, most_pages), (batch,)


def _grouped_shapes(batch: int, kv_heads: int, group: int, head_dim: int, most_pages: int) -> Shapes:
    cache = (batch * most_pages + 1, _PAGE, kv_heads, head_dim)
    return (batch, kv_heads, group, head_dim), cache, cache, (batch, most_pages), (batch,)


def _parts(
    q: torch.Tensor, k_cache: torch.Tensor, v_cache: torch.Tensor, pages: torch.Tensor, lengths: torch.Tensor, splits: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Attention to each part by itself; 0 and -inf for one without tokens."""
    batch, kv_heads, group, head_dim = q.size()
    partial = q.new_zeros([batch, kv_heads, splits, group, head_dim])
    logsumexp = q.new_full([batch, kv_heads, splits, group], float("-inf"))
    for i, length in enumerate(lengths.tolist()):
        keys, values = (cache[pages[i]].flatten(0, 1)[:length].transpose(0, 1) for cache in (k_cache, v_cache))
        part = -(-length // splits)
        for split in range(-(-length // part)):
            tokens = slice(split * part, min(split * part + part, length))
            scores = q[i] @ keys[:, tokens].transpose(1, 2) * head_dim**-0.5
            partial[i, :, split] = scores.softmax(-1) @ values[:, tokens]
            logsumexp[i, :, split] = scores.logsumexp(-1) * paged_decode.LOG2_E
    return partial.to(torch.float32), logsumexp.to(torch.float32)


def _combined(partial: torch.Tensor, logsumexp: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    weights = (logsumexp / paged_decode.LOG2_E).softmax(2)
    return (partial * weights[..., None]).sum(2).to(dtype)


MASKED_ATTENTION_CASES = (
    Case(
        "flex_attention",
        flex_attention.flex_attention_kernel,
        _flex,
        (_flex_shapes(1, 1, 1, 1, 1, 16), _flex_shapes(2, 4, 2, 70, 70, 16), _flex_shapes(1, 2, 1, 33, 100, 16)),
        (_capped, _in_window, _BLOCK),
        draws=(normal, normal, normal, *(_blocks(i) for i in range(4))),
    ),
    Case(
        "flex_attention causal",
        flex_attention.flex_attention_kernel,
        _causal,
        (_flex_shapes(1, 1, 1, 1, 1, 16), _flex_shapes(1, 2, 2, 70, 70, 16)),
        (flex_attention.unchanged, flex_attention.causal, _BLOCK),
        draws=(normal, normal, normal, *(_blocks(i, flex_attention.causal) for i in range(4))),
    ),
    Case(
        "mla_decode",
        mla_decode.mla_decode,
        mla_decode.reference,
        (_latent_shapes(1, 1, 16, 16, 1), _latent_shapes(3, 5, 32, 16, 7), _latent_shapes(2, 16, 64, 32, 3)),
        (0.15,),
        draws=(normal, normal, normal, normal, _pages, _lengths),
    ),
    Case(
        "paged_decode_parts",
        paged_decode.paged_decode_parts,
        _parts,
        (_grouped_shapes(1, 1, 1, 16, 1), _grouped_shapes(3, 2, 3, 16, 7), _grouped_shapes(2, 1, 16, 32, 3)),
        (4,),
        draws=(normal, normal, normal, _pages, _lengths),
    ),
    Case(
        "combine_parts",
        paged_decode.combine_parts,
        _combined,
        (((1, 1, 1, 1, 16), (1, 1, 1, 1)), ((3, 2, 5, 3, 20), (3, 2, 5, 3))),
        (torch.float32,),
        dtypes=(torch.float32,),
    ),
)
