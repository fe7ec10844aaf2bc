"""Exclusive self-attention: causal attention whose output keeps nothing along the direction of the row's own value.

To learn: an epilogue that needs another tensor's rows (the values of the query tile) stays in the kernel, where the output is still in
registers and in float32, so that it costs one more load instead of a pass over memory.
"""

from __future__ import annotations

import torch

import helion
import helion.language as hl
from helion.testing import DEVICE, check

LOG2_E = 1.4426950408889634


@helion.kernel
def xsa(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    """`y - (y . n) n` for each row `y` of causal attention over `[batch, heads, rows, d]`, where `n` is the row's value with length 1."""
    batch, heads, rows, head_dim = q.size()
    head_dim = hl.specialize(head_dim)
    out = torch.empty_like(q)
    scale = head_dim**-0.5 * LOG2_E
    for tile_b, tile_h, tile_m in hl.tile([batch, heads, rows], block_size=[1, 1, None]):
        b, h = tile_b.begin, tile_h.begin
        top = hl.full([tile_m], float("-inf"), dtype=torch.float32)
        total = hl.zeros([tile_m], dtype=torch.float32)
        acc = hl.zeros([tile_m, head_dim], dtype=torch.float32)
        queries = q[b, h, tile_m, :]
        for tile_n in hl.tile(tile_m.end):
            scores = torch.matmul(queries, k[b, h, tile_n, :].T).to(torch.float32)
            scores = torch.where(tile_m.index[:, None] >= tile_n.index[None, :], scores, float("-inf"))
            new_top = torch.maximum(top, torch.amax(scores, -1) * scale)
            weights = torch.exp2(scores * scale - new_top[:, None])
            shrink = torch.exp2(top - new_top)
            total = total * shrink + torch.sum(weights, -1)
            values = v[b, h, tile_n, :]
            acc = torch.addmm(acc * shrink[:, None], weights.to(values.dtype), values)
            top = new_top
        attended = acc / total[:, None]
        own = v[b, h, tile_m, :].to(torch.float32)
        own = own * torch.rsqrt(torch.sum(own * own, -1, keepdim=True) + 1e-12)
        out[b, h, tile_m, :] = (attended - torch.sum(attended * own, -1, keepdim=True) * own).to(out.dtype)
    return out


def reference(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    """The same in torch."""
    attended = torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
    own = torch.nn.functional.normalize(v, dim=-1)
    return attended - (attended * own).sum(-1, keepdim=True) * own


def main() -> None:
    on_gpu = DEVICE.type == "cuda"
    shape = (4, 32, 4096, 128) if on_gpu else (2, 2, 50, 16)
    q, k, v = (torch.randn(shape, device=DEVICE, dtype=torch.bfloat16 if on_gpu else torch.float32) for _ in range(3))
    check("xsa", xsa, reference, (q, k, v))


if __name__ == "__main__":
    main()
