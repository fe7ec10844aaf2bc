"""Gated delta rule, chunked forward: the state before each chunk, and the values that remain after what the state already holds.

To learn: a loop over chunks inside a program carries a matrix of state in registers; the head's whole key dimension is a `:` dim, so that
the state is `[keys, tile of values]`, and programs share out batch, heads and values. What an iteration stores of the state is the one it
began with.
"""

from __future__ import annotations

import torch

import helion
import helion.language as hl
from helion.testing import DEVICE, check

LOG2_E = 1.4426950408889634


@helion.kernel
def gdn_fwd_h(
    k: torch.Tensor, w: torch.Tensor, u: torch.Tensor, g: torch.Tensor, chunk: hl.constexpr = 64
) -> tuple[torch.Tensor, torch.Tensor]:
    """`(states, values)`: the state before each chunk `[batch, chunks, heads, keys, values]` and `u - w @ state` of each row.

    `k` and `w` are `[batch, rows, heads, keys]`, `u` is `[batch, rows, heads, values]`, `g` `[batch, rows, heads]` the logarithms of the
    decays, summed up from each chunk's begin.
    """
    batch, rows, heads, d_k = k.size()
    d_v = u.size(3)
    d_k = hl.specialize(d_k)
    chunks = helion.cdiv(rows, chunk)
    states = torch.empty([batch, chunks, heads, d_k, d_v], dtype=k.dtype, device=k.device)
    values = torch.empty_like(u)
    for tile_b, tile_h, tile_v in hl.tile([batch, heads, d_v], block_size=[1, 1, None]):
        b, h = tile_b.begin, tile_h.begin
        state = hl.zeros([d_k, tile_v], dtype=torch.float32)
        for tile_t in hl.tile(rows, block_size=chunk):
            states[b, tile_t.id, h, :, tile_v] = state.to(states.dtype)
            held = hl.dot(w[b, tile_t, h, :], state.to(w.dtype))
            rest = u[b, tile_t, h, tile_v].to(torch.float32) - held
            values[b, tile_t, h, tile_v] = rest.to(values.dtype)
            decay = g[b, tile_t, h].to(torch.float32)
            last = g[b, tile_t.end - 1, h].to(torch.float32)
            rest = rest * torch.exp2((last - decay) * LOG2_E)[:, None]
            state = state * torch.exp2(last * LOG2_E)
            state = hl.dot(k[b, tile_t, h, :].T, rest.to(k.dtype), acc=state)
    return states, values


def reference(k: torch.Tensor, w: torch.Tensor, u: torch.Tensor, g: torch.Tensor, chunk: int) -> tuple[torch.Tensor, torch.Tensor]:
    """The same in torch, chunk by chunk."""
    batch, _, heads, d_k = k.size()
    wide = torch.promote_types(torch.float32, k.dtype)
    state = torch.zeros([batch, heads, d_k, u.size(3)], dtype=wide, device=k.device)
    states, values = [], []
    for k_c, w_c, u_c, g_c in zip(*(t.to(wide).split(chunk, 1) for t in (k, w, u, g)), strict=True):
        states.append(state)
        rest = u_c - torch.einsum("bthk,bhkv->bthv", w_c, state)
        values.append(rest)
        last = g_c[:, -1]
        rest = rest * (last[:, None] - g_c).exp()[..., None]
        state = state * last.exp()[..., None, None] + torch.einsum("bthk,bthv->bhkv", k_c, rest)
    return torch.stack(states, 1).to(k.dtype), torch.cat(values, 1).to(u.dtype)


def main() -> None:
    on_gpu = DEVICE.type == "cuda"
    batch, rows, heads, d_k, d_v, chunk = (8, 4096, 32, 128, 128, 64) if on_gpu else (2, 75, 2, 16, 32, 16)
    dtype = torch.bfloat16 if on_gpu else torch.float32
    k, w = (torch.nn.functional.normalize(torch.randn(batch, rows, heads, d_k, device=DEVICE), dim=-1).to(dtype) for _ in range(2))
    u = torch.randn(batch, rows, heads, d_v, device=DEVICE, dtype=dtype)
    steps = torch.nn.functional.logsigmoid(torch.randn(batch, rows, heads, device=DEVICE))
    g = torch.cat([part.cumsum(1) for part in steps.split(chunk, 1)], 1)
    check("gdn_fwd_h", gdn_fwd_h, reference, (k, w, u, g, chunk))


if __name__ == "__main__":
    main()
