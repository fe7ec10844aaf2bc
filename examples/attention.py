"""Scaled dot-product attention, forward: one pass with an online softmax; full and causal."""

from __future__ import annotations

import torch

import helion
import helion.language as hl
from helion.testing import DEVICE, check

LOG2_E = 1.4426950408889634


@helion.kernel
def attention(q_in: torch.Tensor, k_in: torch.Tensor, v_in: torch.Tensor) -> torch.Tensor:
    """`softmax(q @ k.T / sqrt(d)) @ v` over the last two dimensions; leading dimensions are a batch."""
    m_dim = q_in.size(-2)
    n_dim = k_in.size(-2)
    head_dim = hl.specialize(q_in.size(-1))
    q_view = q_in.reshape([-1, m_dim, head_dim])
    v_view = v_in.reshape([-1, n_dim, head_dim])
    k_view = k_in.reshape([-1, n_dim, head_dim]).transpose(1, 2)
    out = torch.empty_like(q_view)
    scale = head_dim**-0.5 * LOG2_E
    for tile_b, tile_m in hl.tile([q_view.size(0), m_dim]):
        top = hl.full([tile_b, tile_m], float("-inf"), dtype=torch.float32)
        total = hl.zeros([tile_b, tile_m], dtype=torch.float32)
        acc = hl.zeros([tile_b, tile_m, head_dim], dtype=torch.float32)
        q = q_view[tile_b, tile_m, :]
        for tile_n in hl.tile(n_dim):
            scores = hl.dot(q, k_view[tile_b, :, tile_n])
            new_top = torch.maximum(top, torch.amax(scores, -1) * scale)
            weights = torch.exp2(scores * scale - new_top[:, :, None])
            shrink = torch.exp2(top - new_top)
            total = total * shrink + torch.sum(weights, -1)
            acc = acc * shrink[:, :, None]
            v = v_view[tile_b, tile_n, :]
            acc = torch.baddbmm(acc, weights.to(v.dtype), v)
            top = new_top
        out[tile_b, tile_m, :] = (acc / total[:, :, None]).to(out.dtype)
    return out.view(q_in.size())


@helion.kernel
def causal_attention(q_in: torch.Tensor, k_in: torch.Tensor, v_in: torch.Tensor) -> torch.Tensor:
    """The same where a query sees only keys at its own place and before: later key tiles are not read at all."""
    m_dim = q_in.size(-2)
    head_dim = hl.specialize(q_in.size(-1))
    q_view = q_in.reshape([-1, m_dim, head_dim])
    v_view = v_in.reshape([-1, m_dim, head_dim])
    k_view = k_in.reshape([-1, m_dim, head_dim]).transpose(1, 2)
    out = torch.empty_like(q_view)
    scale = head_dim**-0.5 * LOG2_E
    for tile_b, tile_m in hl.tile([q_view.size(0), m_dim]):
        top = hl.full([tile_b, tile_m], float("-inf"), dtype=torch.float32)
        total = hl.zeros([tile_b, tile_m], dtype=torch.float32)
        acc = hl.zeros([tile_b, tile_m, head_dim], dtype=torch.float32)
        q = q_view[tile_b, tile_m, :]
        for tile_n in hl.tile(tile_m.end):
            scores = hl.dot(q, k_view[tile_b, :, tile_n])
            seen = tile_m.index[:, None] >= tile_n.index[None, :]
            scores = torch.where(seen[None, :, :], scores, float("-inf"))
            new_top = torch.maximum(top, torch.amax(scores, -1) * scale)
            weights = torch.exp2(scores * scale - new_top[:, :, None])
            shrink = torch.exp2(top - new_top)
            total = total * shrink + torch.sum(weights, -1)
            acc = acc * shrink[:, :, None]
            v = v_view[tile_b, tile_n, :]
            acc = torch.baddbmm(acc, weights.to(v.dtype), v)
            top = new_top
        out[tile_b, tile_m, :] = (acc / total[:, :, None]).to(out.dtype)
    return out.view(q_in.size())


def main() -> None:
    shape = (4, 32, 4096, 128) if DEVICE.type == "cuda" else (1, 2, 50, 32)
    q, k, v = (torch.randn(shape, device=DEVICE, dtype=torch.bfloat16) for _ in range(3))
    reference = torch.nn.functional.scaled_dot_product_attention
    check("attention", attention, reference, (q, k, v))
    check("attention, causal", causal_attention, lambda q, k, v: reference(q, k, v, is_causal=True), (q, k, v))


if __name__ == "__main__":
    main()
