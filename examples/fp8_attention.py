"""Attention whose queries, keys, values and weights are 8-bit floats, with sums in float32.

To learn: `hl.dot` takes 8-bit operands and adds up in float32; the weights of the online softmax, between 0 and 1, are rounded to 8 bits to
be an operand. Values come with their rows along memory, since tensor cores want the summed dimension of 8-bit operands contiguous.
`hl.grid` gives a program one batch entry, whose dimension is then not there at all.
"""

from __future__ import annotations

import torch

import helion
import helion.language as hl
from helion._testing import DEVICE, run_example

LOG2_E = 1.4426950408889634


@helion.kernel
def fp8_attention(q: torch.Tensor, k: torch.Tensor, v_by_columns: torch.Tensor) -> torch.Tensor:
    """`softmax(q @ k.T / sqrt(d)) @ v` in bfloat16, for `q` and `k` of `[batch, rows, d]` and `v` of `[batch, d, rows]`."""
    batch, m_dim, head_dim = q.size()
    n_dim = k.size(1)
    head_dim = hl.specialize(head_dim)
    assert v_by_columns.size(1) == head_dim
    out = torch.empty([batch, m_dim, head_dim], dtype=torch.bfloat16, device=q.device)
    scale = head_dim**-0.5 * LOG2_E
    for b in hl.grid(batch):
        for tile_m in hl.tile(m_dim):
            top = hl.full([tile_m], float("-inf"), dtype=torch.float32)
            total = hl.zeros([tile_m], dtype=torch.float32)
            acc = hl.zeros([tile_m, head_dim], dtype=torch.float32)
            queries = q[b, tile_m, :]
            for tile_n in hl.tile(n_dim):
                scores = hl.dot(queries, k[b, tile_n, :].T)
                new_top = torch.maximum(top, torch.amax(scores, -1) * scale)
                weights = torch.exp2(scores * scale - new_top[:, None])
                shrink = torch.exp2(top - new_top)
                total = total * shrink + torch.sum(weights, -1)
                acc = acc * shrink[:, None]
                acc = hl.dot(weights.to(v_by_columns.dtype), v_by_columns[b, :, tile_n].T, acc=acc)
                top = new_top
            out[b, tile_m, :] = (acc / total[:, None]).to(out.dtype)
    return out


def reference(q: torch.Tensor, k: torch.Tensor, v_by_columns: torch.Tensor) -> torch.Tensor:
    """The same in torch, on widened operands."""
    wide_q, wide_k, wide_v = (x.to(torch.bfloat16) for x in (q, k, v_by_columns.transpose(1, 2)))
    return torch.nn.functional.scaled_dot_product_attention(wide_q, wide_k, wide_v)


def main() -> None:
    batch, rows, head_dim = (128, 4096, 128) if DEVICE.type == "cuda" else (2, 50, 32)
    q, k = (torch.randn(batch, rows, head_dim, device=DEVICE).to(torch.float8_e4m3fn) for _ in range(2))
    v_by_columns = torch.randn(batch, head_dim, rows, device=DEVICE).to(torch.float8_e4m3fn)
    run_example(fp8_attention, reference, (q, k, v_by_columns))  # 0.1: the weights have three bits after the first


if __name__ == "__main__":
    main()
