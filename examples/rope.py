"""Rotary position embedding of queries and keys, the two halves of a head rotated against each other, forward and backward.

To learn: static slices cut a `:` dimension in two without a copy; heads that share an angle are one dimension of a block that broadcasts
against it; rotating back is rotating by the negated sine, so that one kernel serves both directions.
"""

from __future__ import annotations

import torch

import helion
import helion.language as hl
from helion.testing import DEVICE, check


@helion.kernel
def rope(x: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor, direction: float = 1.0) -> torch.Tensor:
    """`x * cos + rotate_half(x) * sin` for `x` of `[b, heads, length, d]` and angles of `[length, d // 2]`; -1 rotates back."""
    b, heads, length, d = x.size()
    d = hl.specialize(d)
    half = d // 2
    assert cos.size(0) == length
    assert sin.size(0) == length
    assert cos.size(1) == half
    assert sin.size(1) == half
    out = torch.empty_like(x)
    for tile_b, tile_t in hl.tile([b, length]):
        c = cos[tile_t, :].to(torch.float32)[None, None, :, :]
        s = sin[tile_t, :].to(torch.float32)[None, None, :, :] * direction
        for tile_h in hl.tile(heads):
            first = x[tile_b, tile_h, tile_t, :half].to(torch.float32)
            second = x[tile_b, tile_h, tile_t, half:].to(torch.float32)
            out[tile_b, tile_h, tile_t, :half] = (first * c - second * s).to(x.dtype)
            out[tile_b, tile_h, tile_t, half:] = (second * c + first * s).to(x.dtype)
    return out


def reference(x: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor, direction: float = 1.0) -> torch.Tensor:
    """The same in torch."""
    first, second = x.chunk(2, dim=-1)
    sin = sin * direction
    return torch.cat([first * cos - second * sin, second * cos + first * sin], dim=-1).to(x.dtype)


def angles(length: int, d: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Cosine and sine of every position's angles, `[length, d // 2]`."""
    frequencies = 10000.0 ** (-torch.arange(0, d, 2, device=DEVICE) / d)
    turns = torch.arange(length, device=DEVICE)[:, None] * frequencies
    return turns.cos(), turns.sin()


def main() -> None:
    b, heads, length, d = (4, 32, 4096, 128) if DEVICE.type == "cuda" else (2, 3, 7, 16)
    cos, sin = angles(length, d)
    x = torch.randn(b, heads, length, d, device=DEVICE, dtype=torch.bfloat16)
    check("rope", rope, reference, (x, cos, sin))
    check("rope, backward", rope, reference, (x, cos, sin, -1.0))


if __name__ == "__main__":
    main()
