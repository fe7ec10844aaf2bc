"""A mixture-of-experts layer as inference engines run it: routing, sorting pairs of token and expert into blocks, two grouped products.

To learn: `torch.topk` on the device; blocks of rows that belong to one expert, told by `expert_of_block[tile.id]`, so that every program
of the product does the same work; padding that a mask leaves out; a scan that ranks the pairs of an expert without atomics.
"""

from __future__ import annotations

import torch

import helion
import helion.language as hl
from helion.testing import DEVICE, check

BLOCK = 64


@helion.kernel
def route(logits: torch.Tensor, top_k: int) -> tuple[torch.Tensor, torch.Tensor]:
    """For each token the `top_k` likeliest experts by `logits` `[tokens, experts]`, int32, and their shares, float32, which add up to 1."""
    tokens = logits.size(0)
    top_k = hl.specialize(top_k)
    experts = torch.empty([tokens, top_k], dtype=torch.int32, device=logits.device)
    shares = torch.empty([tokens, top_k], dtype=torch.float32, device=logits.device)
    for tile_t in hl.tile(tokens):
        best, place = torch.topk(logits[tile_t, :].to(torch.float32), top_k, dim=-1)
        experts[tile_t, :] = place.to(torch.int32)
        shares[tile_t, :] = torch.softmax(best, dim=-1)
    return experts, shares


@helion.kernel
def rank_pairs(expert_of_pair: torch.Tensor, experts: int) -> tuple[torch.Tensor, torch.Tensor]:
    """The place of each pair among those of its expert, and how many pairs each expert has."""
    pairs = expert_of_pair.size(0)
    ranks = torch.empty([pairs], dtype=torch.int32, device=expert_of_pair.device)
    counts = torch.empty([experts], dtype=torch.int32, device=expert_of_pair.device)
    for tile_e in hl.tile(experts):
        count = hl.zeros([tile_e], dtype=torch.int32)
        for tile_p in hl.tile(pairs):
            expert = expert_of_pair[tile_p]
            is_own = expert[:, None] == tile_e.index[None, :]
            seen = count[None, :] + hl.cumsum(is_own.to(torch.int32), dim=0)
            rank = torch.where(is_own, seen - 1, 0).sum(dim=1)
            hl.store(ranks, [tile_p], rank, extra_mask=is_own.any(dim=1))
            count = count + is_own.sum(dim=0, dtype=torch.int32)
        counts[tile_e] = count
    return ranks, counts


@helion.kernel
def expert_matmul(
    x: torch.Tensor,
    weights: torch.Tensor,
    pair_of_row: torch.Tensor,
    expert_of_block: torch.Tensor,
    out: torch.Tensor,
    shares: torch.Tensor | None,
    top_k: int,
) -> torch.Tensor:
    """`out[p] = x[p // top_k] @ weights[e].T`, times `shares[p]` where there are shares, for every pair p of `pair_of_row`.

    Rows of a block of `BLOCK` have the expert of the block, -1 if the block has none; pairs at or past the rows of `out` are padding.
    """
    rows = pair_of_row.size(0)
    _, n, k = weights.size()
    top_k = hl.specialize(top_k)
    pairs = out.size(0)
    for tile_m, tile_n in hl.tile([rows, n], block_size=[BLOCK, None]):
        expert = expert_of_block[tile_m.id]
        if expert >= 0:
            pair = pair_of_row[tile_m]
            is_pair = pair < pairs
            token = pair // top_k
            acc = hl.zeros([tile_m, tile_n], dtype=torch.float32)
            for tile_k in hl.tile(k):
                a = hl.load(x, [token, tile_k], extra_mask=is_pair[:, None])
                acc = hl.dot(a, weights[expert, tile_n, tile_k].T, acc=acc)
            if shares is not None:
                acc = acc * hl.load(shares, [pair], extra_mask=is_pair)[:, None]
            hl.store(out, [pair, tile_n], acc.to(out.dtype), extra_mask=is_pair[:, None])
    return out


@helion.kernel
def silu_and_mul(x: torch.Tensor) -> torch.Tensor:
    """`silu(x[:, :n]) * x[:, n:]` for x of 2n columns."""
    m = x.size(0)
    n = x.size(1) // 2
    out = torch.empty([m, n], dtype=x.dtype, device=x.device)
    for tile_m, tile_n in hl.tile([m, n]):
        gate = x[tile_m, tile_n].to(torch.float32)
        up = x[tile_m, tile_n + n].to(torch.float32)
        out[tile_m, tile_n] = (gate * torch.sigmoid(gate) * up).to(out.dtype)
    return out


@helion.kernel
def add_pairs(x: torch.Tensor) -> torch.Tensor:
    """The sum over the experts of each token, of `[tokens, top_k, n]`."""
    tokens, _, n = x.size()
    out = torch.empty([tokens, n], dtype=x.dtype, device=x.device)
    for tile_t, tile_n in hl.tile([tokens, n]):
        out[tile_t, tile_n] = x[tile_t, :, tile_n].to(torch.float32).sum(dim=1).to(out.dtype)
    return out


def sort_into_blocks(expert_of_pair: torch.Tensor, experts: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Pairs in rows of whole blocks of one expert, padded with a pair that does not exist, and the expert of each block, -1 past the last.

    The number of rows is the most that there may be, so that the host need not wait for the device.
    """
    pairs = expert_of_pair.size(0)
    ranks, counts = rank_pairs(expert_of_pair, experts)
    blocks = (counts + BLOCK - 1) // BLOCK
    ends = blocks.cumsum(0)
    most = helion.cdiv(pairs + experts * (BLOCK - 1), BLOCK)
    numbers = torch.arange(most, device=ends.device)
    expert_of_block = torch.where(numbers < ends[-1:], torch.searchsorted(ends, numbers, right=True), -1).to(torch.int32)
    pair_of_row = torch.full([most * BLOCK], pairs, dtype=torch.int32, device=ends.device)
    row = (ends - blocks)[expert_of_pair.long()] * BLOCK + ranks
    pair_of_row[row] = torch.arange(pairs, dtype=torch.int32, device=ends.device)
    return pair_of_row, expert_of_block


def fused_moe(x: torch.Tensor, gate_up: torch.Tensor, down: torch.Tensor, logits: torch.Tensor, top_k: int) -> torch.Tensor:
    """Of `x` `[tokens, k]` the layer with matrices `gate_up` `[experts, 2n, k]` and `down` `[experts, k, n]`."""
    tokens, k = x.size()
    experts, n2, _ = gate_up.size()
    expert_of_pair, shares = route(logits, top_k)
    pair_of_row, expert_of_block = sort_into_blocks(expert_of_pair.view(-1), experts)
    hidden = torch.empty([tokens * top_k, n2], dtype=x.dtype, device=x.device)
    expert_matmul(x, gate_up, pair_of_row, expert_of_block, hidden, None, top_k)
    out = torch.empty([tokens * top_k, k], dtype=x.dtype, device=x.device)
    expert_matmul(silu_and_mul(hidden), down, pair_of_row, expert_of_block, out, shares.view(-1), 1)
    return add_pairs(out.view(tokens, top_k, k))


def reference(x: torch.Tensor, gate_up: torch.Tensor, down: torch.Tensor, logits: torch.Tensor, top_k: int) -> torch.Tensor:
    """The same in torch, expert by expert."""
    best, chosen = logits.float().topk(top_k, dim=-1)
    shares = best.softmax(-1)
    out = torch.zeros_like(x, dtype=torch.float32)
    for expert in range(gate_up.size(0)):
        token, place = (chosen == expert).nonzero(as_tuple=True)
        gate, up = (x[token] @ gate_up[expert].T).float().chunk(2, -1)
        hidden = (torch.nn.functional.silu(gate) * up).to(x.dtype)
        out.index_add_(0, token, (hidden @ down[expert].T).float() * shares[token, place][:, None])
    return out.to(x.dtype)


def main() -> None:
    tokens, k, n, experts, top_k = (4096, 2048, 768, 128, 8) if DEVICE.type == "cuda" else (37, 64, 48, 6, 2)
    x = torch.randn(tokens, k, device=DEVICE, dtype=torch.bfloat16)
    gate_up = torch.randn(experts, 2 * n, k, device=DEVICE, dtype=torch.bfloat16) * k**-0.5
    down = torch.randn(experts, k, n, device=DEVICE, dtype=torch.bfloat16) * n**-0.5
    logits = torch.randn(tokens, experts, device=DEVICE)
    check("fused_moe", fused_moe, reference, (x, gate_up, down, logits, top_k))


if __name__ == "__main__":
    main()
