"""State-space duality (Mamba 2), last step: the output of each chunk from the state before it and from its own rows.

To learn: a tile of rows sums up two products, one with the whole state (`:` dims that are not walked) and one along a triangle of rows
before it (`hl.tile(tile_m.end)`), whose weights are computed from one vector of decays; a size that the host does not tile is a constant
of the kernel (`hl.specialize`).
"""

from __future__ import annotations

import torch

import helion
import helion.language as hl
from helion.testing import DEVICE, check

LOG2_E = 1.4426950408889634


@helion.kernel
def mamba2_chunk_scan(
    cb: torch.Tensor,
    x: torch.Tensor,
    dt: torch.Tensor,
    decay: torch.Tensor,
    c: torch.Tensor,
    states_before: torch.Tensor,
    skip: torch.Tensor,
) -> torch.Tensor:
    """The rows of every chunk, `[batch, rows, heads, head_dim]`.

    `cb` is `[batch, chunks, groups, chunk, chunk]` (rows of `c` by rows of `b`), `x` `[batch, rows, heads, head_dim]`, `dt` and `decay`
    `[batch, heads, chunks, chunk]`, `c` `[batch, rows, groups, states]`, `states_before` `[batch, chunks, heads, head_dim, states]`;
    `skip` `[heads]` weighs `x` itself.
    """
    batch, chunks, groups, chunk, _ = cb.size()
    _, rows, heads, head_dim = x.size()
    assert rows == chunks * chunk
    chunk = hl.specialize(chunk)
    states = hl.specialize(c.size(3))
    assert states_before.size(4) == states
    group = heads // hl.specialize(groups)
    out = torch.empty_like(x)
    block_m = hl.register_block_size(chunk)
    block_n = hl.register_block_size(head_dim)
    block_k = hl.register_block_size(64, 64)
    for tile_h, tile_m, tile_n, tile_b, tile_c in hl.tile([heads, chunk, head_dim, batch, chunks], block_size=[1, block_m, block_n, 1, 1]):
        i, k, h = tile_b.begin, tile_c.begin, tile_h.begin
        here = decay[i, h, k, tile_m].to(torch.float32) * LOG2_E
        before = states_before[i, k, h, tile_n, :]
        acc = hl.dot(c[i, k * chunk + tile_m.index, h // group, :], before.to(c.dtype).T)
        acc = acc * torch.exp2(here)[:, None]
        for tile_k in hl.tile(tile_m.end, block_size=block_k):
            there = decay[i, h, k, tile_k].to(torch.float32) * LOG2_E
            weights = cb[i, k, h // group, tile_m, tile_k].to(torch.float32)
            weights = weights * torch.exp2(here[:, None] - there[None, :]) * dt[i, h, k, tile_k].to(torch.float32)[None, :]
            weights = torch.where(tile_m.index[:, None] >= tile_k.index[None, :], weights, 0.0)
            acc = hl.dot(weights.to(x.dtype), x[i, k * chunk + tile_k.index, h, tile_n], acc=acc)
        own = x[i, k * chunk + tile_m.index, h, tile_n].to(torch.float32)
        out[i, k * chunk + tile_m.index, h, tile_n] = (acc + own * skip[h].to(torch.float32)).to(out.dtype)
    return out


def reference(
    cb: torch.Tensor,
    x: torch.Tensor,
    dt: torch.Tensor,
    decay: torch.Tensor,
    c: torch.Tensor,
    states_before: torch.Tensor,
    skip: torch.Tensor,
) -> torch.Tensor:
    """The same in torch."""
    batch, chunks, groups, chunk, _ = cb.size()
    _, rows, heads, head_dim = x.size()
    wide = torch.promote_types(torch.float32, x.dtype)
    cb, x_wide, dt, decay, c, before, skip = (t.to(wide) for t in (cb, x, dt, decay, c, states_before, skip))
    cb = cb.repeat_interleave(heads // groups, 2)
    c = c.repeat_interleave(heads // groups, 2).view(batch, chunks, chunk, heads, -1)
    x_chunks = x_wide.view(batch, chunks, chunk, heads, head_dim)
    difference = (decay[..., :, None] - decay[..., None, :]).tril()
    weights = torch.einsum("bchlk,bhclk,bhck->bchlk", cb, difference.exp(), dt).tril()
    inside = torch.einsum("bchlk,bckhp->bclhp", weights, x_chunks)
    carried = torch.einsum("bclhn,bchpn,bhcl->bclhp", c, before, decay.exp())
    return (inside + carried + x_chunks * skip[:, None]).reshape(batch, rows, heads, head_dim).to(x.dtype)


def main() -> None:
    on_gpu = DEVICE.type == "cuda"
    batch, heads, groups, head_dim, states, chunks, chunk = (8, 80, 1, 64, 128, 16, 256) if on_gpu else (2, 4, 2, 16, 32, 2, 32)
    dtype = torch.bfloat16 if on_gpu else torch.float32
    cb = torch.randn(batch, chunks, groups, chunk, chunk, device=DEVICE, dtype=dtype)
    x = torch.randn(batch, chunks * chunk, heads, head_dim, device=DEVICE, dtype=dtype)
    dt = torch.rand(batch, heads, chunks, chunk, device=DEVICE)
    decay = -torch.rand_like(dt).cumsum(-1)
    c = torch.randn(batch, chunks * chunk, groups, states, device=DEVICE, dtype=dtype)
    states_before = torch.randn(batch, chunks, heads, head_dim, states, device=DEVICE, dtype=dtype)
    skip = torch.randn(heads, device=DEVICE)
    check("mamba2_chunk_scan", mamba2_chunk_scan, reference, (cb, x, dt, decay, c, states_before, skip))


if __name__ == "__main__":
    main()
