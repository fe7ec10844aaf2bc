"""Causal linear attention in chunks: plain, with a decay a head, with a gate a row, for packed sequences, and for all chunks at once.

To learn: a program walks over the chunks of its sequence and carries the sum of `k.T @ v` in registers; inside a chunk the triangle of
scores is computed as in attention. The place in a chunk (`tile.index - tile.begin`) gives powers of a decay, `hl.cumsum` sums up gates.
Where there are few sequences, chunks run at once instead: one kernel makes their sums, the host adds those up, another makes the rows
(`torch.bmm`).
"""

from __future__ import annotations

import itertools

import torch

import helion
import helion.language as hl
from helion.testing import DEVICE, check

LOG2_E = 1.4426950408889634


@helion.kernel
def linear_attention(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, chunk: hl.constexpr = 64) -> torch.Tensor:
    """`tril(q @ k.T) @ v` of `[batch, rows, d]`, without ever making the scores of all rows."""
    batch, rows, d_k = q.size()
    d_v = v.size(2)
    d_k = hl.specialize(d_k)
    out = torch.empty_like(v)
    for tile_b, tile_v in hl.tile([batch, d_v], block_size=[1, None]):
        b = tile_b.begin
        state = hl.zeros([d_k, tile_v], dtype=torch.float32)
        for tile_t in hl.tile(rows, block_size=chunk):
            queries, keys, values = q[b, tile_t, :], k[b, tile_t, :], v[b, tile_t, tile_v]
            scores = hl.dot(queries, keys.T)
            scores = torch.where(tile_t.index[:, None] >= tile_t.index[None, :], scores, 0.0)
            acc = hl.dot(queries, state.to(queries.dtype))
            acc = hl.dot(scores.to(values.dtype), values, acc=acc)
            out[b, tile_t, tile_v] = acc.to(out.dtype)
            state = hl.dot(keys.T, values, acc=state)
    return out


@helion.kernel
def retention(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, decays: torch.Tensor, chunk: hl.constexpr = 64) -> torch.Tensor:
    """As `linear_attention` of `[batch, heads, rows, d]`, where what a row `n` rows before gives weighs `2 ** (decays[head] * n)`."""
    batch, heads, rows, d_k = q.size()
    d_v = v.size(3)
    d_k = hl.specialize(d_k)
    out = torch.empty_like(v)
    for tile_b, tile_h, tile_v in hl.tile([batch, heads, d_v], block_size=[1, 1, None]):
        b, h = tile_b.begin, tile_h.begin
        decay = decays[h].to(torch.float32)
        state = hl.zeros([d_k, tile_v], dtype=torch.float32)
        for tile_t in hl.tile(rows, block_size=chunk):
            queries, keys, values = q[b, h, tile_t, :], k[b, h, tile_t, :], v[b, h, tile_t, tile_v]
            place = (tile_t.index - tile_t.begin).to(torch.float32)
            between = place[:, None] - place[None, :]
            scores = hl.dot(queries, keys.T) * torch.exp2(decay * between)
            scores = torch.where(between >= 0, scores, 0.0)
            acc = hl.dot(queries, state.to(queries.dtype)) * torch.exp2(decay * (place + 1))[:, None]
            acc = hl.dot(scores.to(values.dtype), values, acc=acc)
            out[b, h, tile_t, tile_v] = acc.to(out.dtype)
            to_end = torch.exp2(decay * (tile_t.block_size - 1 - place))
            state = state * torch.exp2(decay * tile_t.block_size)
            state = hl.dot((keys.to(torch.float32) * to_end[:, None]).to(keys.dtype).T, values, acc=state)
    return out


@helion.kernel
def gated_linear_attention(
    q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, gates: torch.Tensor, offsets: torch.Tensor, chunk: hl.constexpr = 64
) -> torch.Tensor:
    """As `linear_attention` of packed sequences `[rows, heads, d]`, where each row weighs what came before by `exp(gates[row, head])`.

    Sequence `i` has the rows from `offsets[i]` to `offsets[i + 1]`; each begins with nothing.
    """
    _, heads, d_k = q.size()
    d_v = v.size(2)
    d_k = hl.specialize(d_k)
    out = torch.empty_like(v)
    for tile_s, tile_h, tile_v in hl.tile([offsets.size(0) - 1, heads, d_v], block_size=[1, 1, None]):
        h = tile_h.begin
        begin, end = offsets[tile_s.begin], offsets[tile_s.begin + 1]
        state = hl.zeros([d_k, tile_v], dtype=torch.float32)
        for tile_t in hl.tile(begin, end, block_size=chunk):
            queries, keys, values = q[tile_t, h, :], k[tile_t, h, :], v[tile_t, h, tile_v]
            gate = gates[tile_t, h].to(torch.float32) * LOG2_E
            summed = hl.cumsum(gate, 0)
            whole = torch.sum(gate, 0)
            is_before = tile_t.index[:, None] >= tile_t.index[None, :]
            # Above the diagonal sums of gates are positive and might be large: they are taken out before the exponential.
            weights = torch.exp2(torch.where(is_before, summed[:, None] - summed[None, :], float("-inf")))
            scores = hl.dot(queries, keys.T) * weights
            acc = hl.dot(queries, state.to(queries.dtype)) * torch.exp2(summed)[:, None]
            acc = hl.dot(scores.to(values.dtype), values, acc=acc)
            out[tile_t, h, tile_v] = acc.to(out.dtype)
            to_end = torch.exp2(whole - summed)
            state = hl.dot((keys.to(torch.float32) * to_end[:, None]).to(keys.dtype).T, values, acc=state * torch.exp2(whole))
    return out


@helion.kernel
def chunk_sums(k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    """`k.T @ v` of each chunk: `[chunks, chunk, d_k]` and `[chunks, chunk, d_v]` give `[chunks, d_k, d_v]` in float32."""
    chunks, chunk, d_k = k.size()
    d_v = v.size(2)
    out = torch.empty([chunks, d_k, d_v], dtype=torch.float32, device=k.device)
    for tile_c, tile_k, tile_v in hl.tile([chunks, d_k, d_v]):
        acc = hl.zeros([tile_c, tile_k, tile_v], dtype=torch.float32)
        for tile_t in hl.tile(chunk):
            acc = torch.baddbmm(acc, k[tile_c, tile_t, tile_k].transpose(1, 2), v[tile_c, tile_t, tile_v])
        out[tile_c, tile_k, tile_v] = acc
    return out


@helion.kernel
def chunk_rows(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, before: torch.Tensor) -> torch.Tensor:
    """The rows of each chunk, from what the chunks `before` sum up to and from its own."""
    chunks, chunk, d_k = q.size()
    d_v = v.size(2)
    chunk = hl.specialize(chunk)
    d_k = hl.specialize(d_k)
    out = torch.empty_like(v)
    for tile_c, tile_v in hl.tile([chunks, d_v]):
        queries, keys, values = q[tile_c, :, :], k[tile_c, :, :], v[tile_c, :, tile_v]
        place = hl.arange(chunk)
        scores = torch.bmm(queries, keys.transpose(1, 2))
        scores = torch.where((place[:, None] >= place[None, :])[None, :, :], scores, 0.0)
        acc = hl.dot(queries, before[tile_c, :, tile_v].to(queries.dtype))
        out[tile_c, :, tile_v] = torch.baddbmm(acc, scores, values).to(out.dtype)
    return out


def parallel_linear_attention(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, chunk: int = 64) -> torch.Tensor:
    """As `linear_attention`, for rows that chunks divide: all chunks at once, from memory twice."""
    q_c, k_c, v_c = (x.reshape(-1, chunk, x.size(2)) for x in (q, k, v))
    sums = chunk_sums(k_c, v_c).view(q.size(0), -1, k.size(2), v.size(2))
    before = (sums.cumsum(1) - sums).flatten(0, 1)
    return chunk_rows(q_c, k_c, v_c, before).view(v.size())


def reference(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, *chunk: int) -> torch.Tensor:
    """`linear_attention` in torch."""
    return (q @ k.transpose(-1, -2)).tril() @ v


def reference_of_retention(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, decays: torch.Tensor, *chunk: int) -> torch.Tensor:
    """`retention` in torch."""
    place = torch.arange(q.size(2), device=q.device)
    weights = torch.exp2(decays[:, None, None] * (place[:, None] - place).clamp(min=0)).tril().to(q.dtype)
    return (q @ k.transpose(-1, -2) * weights) @ v


def reference_of_gated(
    q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, gates: torch.Tensor, offsets: torch.Tensor, *chunk: int
) -> torch.Tensor:
    """`gated_linear_attention` in torch, one sequence after another."""
    out = torch.empty_like(v)
    bounds = offsets.tolist()
    for begin, end in itertools.pairwise(bounds):
        summed = gates[begin:end].cumsum(0).transpose(0, 1)
        weights = (summed[:, :, None] - summed[:, None, :]).tril().exp().to(q.dtype)
        q_s, k_s, v_s = (x[begin:end].transpose(0, 1) for x in (q, k, v))
        out[begin:end] = ((q_s @ k_s.transpose(1, 2) * weights).tril() @ v_s).transpose(0, 1)
    return out


def main() -> None:
    on_gpu = DEVICE.type == "cuda"
    batch, heads, rows, d, chunk = (8, 16, 4096, 128, 64) if on_gpu else (2, 2, 48, 16, 16)
    dtype = torch.bfloat16 if on_gpu else torch.float32
    q, k = (torch.randn(batch, heads, rows, d, device=DEVICE, dtype=dtype) * d**-0.5 for _ in range(2))
    v = torch.randn(batch, heads, rows, d, device=DEVICE, dtype=dtype)
    folded = tuple(x.flatten(0, 1) for x in (q, k, v))
    check("linear_attention", linear_attention, reference, (*folded, chunk))
    check("linear_attention, all chunks at once", parallel_linear_attention, reference, (*folded, chunk))
    decays = torch.log2(1 - torch.exp2(-5.0 - torch.arange(heads, device=DEVICE)))
    check("retention", retention, reference_of_retention, (q, k, v, decays, chunk))
    lengths = torch.tensor([rows, 1, rows // 3, 0, rows // 2 + 1], device=DEVICE)
    offsets = torch.nn.functional.pad(lengths.cumsum(0), (1, 0)).to(torch.int32)
    packed = [torch.randn(int(lengths.sum()), heads, d, device=DEVICE, dtype=dtype) * d**-0.5 for _ in range(3)]
    gates = torch.nn.functional.logsigmoid(torch.randn(int(lengths.sum()), heads, device=DEVICE) + 3)
    check("gated_linear_attention", gated_linear_attention, reference_of_gated, (*packed, gates, offsets, chunk))


if __name__ == "__main__":
    main()
