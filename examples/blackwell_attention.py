"""Attention for Blackwell, where the exponentials and not the products are what a program waits for.

To learn: `hl.register_tunable` makes a way of writing something a key of the config, tuned like a block size: here, to rescale the sum in
two halves (`hl.split`, `hl.join`), so that less of it is in registers at once. A branch on it is decided when code is generated, as one on
an `hl.constexpr` is: here, to multiply two floats by one instruction (`hl.inline_asm_elementwise` with `pack=2`; assembly runs on a GPU
only). `range_warp_specializes` gives loads, products and the rest warps of their own.
"""

from __future__ import annotations

import torch

import helion
import helion.language as hl
from helion.autotuner import BooleanFragment
from helion.testing import DEVICE, check

LOG2_E = 1.4426950408889634

MULTIPLY_TWO = """
{
    .reg .b64 left, right, product;
    mov.b64 left, {$2, $3};
    mov.b64 right, {$4, $5};
    mul.f32x2 product, left, right;
    mov.b64 {$0, $1}, product;
}
"""

BLACKWELL = helion.Config(
    block_sizes=[128, 128],
    rescale_in_halves=True,
    range_warp_specializes=[None, True],
    indexing="tensor_descriptor",
    num_warps=4,
    num_stages=2,
)


def multiply_two(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """`a * b` of float32, two elements an instruction."""
    return hl.inline_asm_elementwise(MULTIPLY_TWO, "=r,=r,r,r,r,r", [a, b], torch.float32, True, 2)


@helion.kernel
def blackwell_attention(
    q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, packed_multiply: hl.constexpr = False
) -> tuple[torch.Tensor, torch.Tensor]:
    """`softmax(q @ k.T / sqrt(d)) @ v` of `[batch, rows, d]`, and the logarithm to base 2 of each row's sum of exponentials."""
    batch, m_dim, head_dim = q.size()
    n_dim = k.size(1)
    head_dim = hl.specialize(head_dim)
    rescale_in_halves = hl.register_tunable("rescale_in_halves", BooleanFragment())
    out = torch.empty_like(q)
    logsumexp = torch.empty([batch, m_dim], dtype=torch.float32, device=q.device)
    scale = head_dim**-0.5 * LOG2_E
    for tile_b, tile_m in hl.tile([batch, m_dim], block_size=[1, None]):
        b = tile_b.begin
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
            if rescale_in_halves:
                first, second = hl.split(acc.reshape(tile_m, 2, head_dim // 2).permute(0, 2, 1))
                if packed_multiply:
                    first = multiply_two(first, shrink[:, None])
                    second = multiply_two(second, shrink[:, None])
                else:
                    first = first * shrink[:, None]
                    second = second * shrink[:, None]
                acc = hl.join(first, second).permute(0, 2, 1).reshape(tile_m, head_dim)
            elif packed_multiply:
                acc = multiply_two(acc, shrink[:, None])
            else:
                acc = acc * shrink[:, None]
            values = v[b, tile_n, :]
            acc = hl.dot(weights.to(values.dtype), values, acc=acc)
            top = new_top
        out[b, tile_m, :] = (acc / total[:, None]).to(out.dtype)
        logsumexp[b, tile_m] = top + torch.log2(total)
    return out, logsumexp


def reference(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The same in torch."""
    scores = (q @ k.transpose(1, 2)).to(torch.float32) * q.size(-1) ** -0.5
    return torch.nn.functional.scaled_dot_product_attention(q, k, v), scores.logsumexp(-1) * LOG2_E


def main() -> None:
    on_gpu = DEVICE.type == "cuda"
    shape = (128, 4096, 128) if on_gpu else (2, 50, 32)
    q, k, v = (torch.randn(shape, device=DEVICE, dtype=torch.bfloat16 if on_gpu else torch.float32) for _ in range(3))
    check("blackwell_attention", blackwell_attention, reference, (q, k, v))
    if on_gpu and torch.cuda.get_device_capability(DEVICE)[0] == 10:
        tuned = helion.kernel(blackwell_attention.fn, config=BLACKWELL)
        check("blackwell_attention, its config", lambda q, k, v: tuned(q, k, v, True), reference, (q, k, v))


if __name__ == "__main__":
    main()
