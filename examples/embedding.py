"""Rows of a table looked up by index, forward and backward.

To learn: a tile of indices loaded from one tensor indexes another (a gather); the backward pass adds with atomics, since rows repeat.
"""

from __future__ import annotations

import torch

import helion
import helion.language as hl
from helion.testing import DEVICE, check


@helion.kernel
def embedding(tokens: torch.Tensor, table: torch.Tensor) -> torch.Tensor:
    """`table[tokens]` for `tokens` of `[b, length]`."""
    b, length = tokens.size()
    _, width = table.size()
    flat = tokens.reshape(-1)
    out = torch.empty([flat.size(0), width], dtype=table.dtype, device=table.device)
    for tile_t, tile_w in hl.tile([flat.size(0), width]):
        out[tile_t, tile_w] = table[flat[tile_t], tile_w]
    return out.view(b, length, width)


@helion.kernel
def embedding_backward(grad_out: torch.Tensor, tokens: torch.Tensor, rows: int) -> torch.Tensor:
    """The gradient of a table of `rows` rows, in float32: each token adds its gradient to its row."""
    flat = tokens.reshape(-1)
    width = grad_out.size(-1)
    flat_grad = grad_out.reshape([flat.size(0), width])
    grad_table = torch.zeros([rows, width], dtype=torch.float32, device=grad_out.device)
    for tile_t, tile_w in hl.tile([flat.size(0), width]):
        hl.atomic_add(grad_table, [flat[tile_t], tile_w], flat_grad[tile_t, tile_w].to(torch.float32))
    return grad_table


def reference_backward(grad_out: torch.Tensor, tokens: torch.Tensor, rows: int) -> torch.Tensor:
    """The same in torch."""
    return torch.ops.aten.embedding_dense_backward(grad_out.float(), tokens, rows, -1, False)


def main() -> None:
    count, rows, width = ((8, 2048), 128256, 4096) if DEVICE.type == "cuda" else ((2, 7), 30, 50)
    tokens = torch.randint(rows, count, device=DEVICE)
    table = torch.randn(rows, width, device=DEVICE, dtype=torch.bfloat16)
    grad_out = torch.randn(*count, width, device=DEVICE, dtype=torch.bfloat16)
    check("embedding", embedding, torch.nn.functional.embedding, (tokens, table))
    check("embedding_backward", embedding_backward, reference_backward, (grad_out, tokens, rows))


if __name__ == "__main__":
    main()
