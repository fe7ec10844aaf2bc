"""State-space duality (Mamba 2), first step: what each chunk of a sequence adds to the state, for all chunks at once.

To learn: the tensors have five dimensions, of which programs take single elements (`tile.begin` of tiles of length 1) and tiles; one
group of `b` serves several heads (`head // group`). The decay to the chunk's end is an outer scale of one operand of the product.
"""

from __future__ import annotations

import torch

import helion
import helion.language as hl
from helion.testing import DEVICE, check

LOG2_E = 1.4426950408889634


@helion.kernel
def mamba2_chunk_state(b: torch.Tensor, x: torch.Tensor, dt: torch.Tensor, decay: torch.Tensor) -> torch.Tensor:
    """`sum over l of exp(decay[end] - decay[l]) * dt[l] * outer(x[l], b[l])` for each chunk, `[batch, chunks, heads, head_dim, states]`.

    `b` is `[batch, rows, groups, states]`, `x` `[batch, rows, heads, head_dim]`; `dt` and `decay`, which is summed up from each chunk's
    begin, are `[batch, heads, chunks, chunk]`.
    """
    batch, rows, groups, states = b.size()
    _, _, heads, head_dim = x.size()
    _, _, chunks, chunk = dt.size()
    assert rows == chunks * chunk
    chunk = hl.specialize(chunk)
    group = heads // hl.specialize(groups)
    out = torch.empty([batch, chunks, heads, head_dim, states], dtype=x.dtype, device=x.device)
    block_p = hl.register_block_size(head_dim)
    block_n = hl.register_block_size(states)
    block_l = hl.register_block_size(chunk)
    for tile_h, tile_p, tile_n, tile_b, tile_c in hl.tile([heads, head_dim, states, batch, chunks], block_size=[1, block_p, block_n, 1, 1]):
        i, c, h = tile_b.begin, tile_c.begin, tile_h.begin
        acc = hl.zeros([tile_p, tile_n], dtype=torch.float32)
        last = decay[i, h, c, chunk - 1].to(torch.float32)
        for tile_l in hl.tile(chunk, block_size=block_l):
            along = decay[i, h, c, tile_l].to(torch.float32)
            scale = torch.exp2((last - along) * LOG2_E) * dt[i, h, c, tile_l].to(torch.float32)
            columns = x[i, c * chunk + tile_l.index, h, tile_p].T
            weighted = (columns.to(torch.float32) * scale[None, :]).to(x.dtype)
            acc = hl.dot(weighted, b[i, c * chunk + tile_l.index, h // group, tile_n], acc=acc)
        out[i, c, h, tile_p, tile_n] = acc.to(out.dtype)
    return out


def reference(b: torch.Tensor, x: torch.Tensor, dt: torch.Tensor, decay: torch.Tensor) -> torch.Tensor:
    """The same in torch."""
    batch, _, groups, states = b.size()
    _, _, heads, head_dim = x.size()
    _, _, chunks, chunk = dt.size()
    wide = torch.promote_types(torch.float32, x.dtype)
    b_of_heads = b.to(wide).repeat_interleave(heads // groups, 2).view(batch, chunks, chunk, heads, states)
    scale = torch.exp(decay[..., -1:].to(wide) - decay.to(wide)) * dt.to(wide)
    return torch.einsum("bclhn,bhcl,bclhp->bchpn", b_of_heads, scale, x.to(wide).view(batch, chunks, chunk, heads, head_dim)).to(x.dtype)


def main() -> None:
    on_gpu = DEVICE.type == "cuda"
    batch, heads, groups, head_dim, states, chunks, chunk = (8, 80, 1, 64, 128, 16, 256) if on_gpu else (2, 4, 2, 16, 32, 2, 32)
    dtype = torch.bfloat16 if on_gpu else torch.float32
    b = torch.randn(batch, chunks * chunk, groups, states, device=DEVICE, dtype=dtype)
    x = torch.randn(batch, chunks * chunk, heads, head_dim, device=DEVICE, dtype=dtype)
    dt = torch.rand(batch, heads, chunks, chunk, device=DEVICE)
    decay = -torch.rand_like(dt).cumsum(-1)
    check("mamba2_chunk_state", mamba2_chunk_state, reference, (b, x, dt, decay))


if __name__ == "__main__":
    main()
