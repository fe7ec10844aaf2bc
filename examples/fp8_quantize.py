"""Quantization to 8-bit floating point with one scale a token, a group of a token, or a square block, as in front of fp8 matrix products.

To learn: a maximum over `:` and one over a tile; fixed block sizes where the format prescribes them (`block_size=[None, 128]` leaves the
other to the tuner), and `tile.id` as the place of a block's scale.
"""

from __future__ import annotations

import torch

import helion
import helion.language as hl
from helion.testing import DEVICE, check

LARGEST = 448.0  # of float8_e4m3fn
SMALLEST_SCALE = 1e-12
BLOCK = 128


@helion.kernel
def quantize_per_token(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """`x` in float8_e4m3fn and a float32 scale a row, so that `quantized * scale[:, None]` is about `x`."""
    m, n = x.size()
    quantized = torch.empty([m, n], dtype=torch.float8_e4m3fn, device=x.device)
    scales = torch.empty([m], dtype=torch.float32, device=x.device)
    for tile_m in hl.tile(m):
        row = x[tile_m, :].to(torch.float32)
        scale = torch.clamp(torch.amax(torch.abs(row), dim=-1) / LARGEST, min=SMALLEST_SCALE)
        scales[tile_m] = scale
        quantized[tile_m, :] = torch.clamp(row / scale[:, None], -LARGEST, LARGEST).to(torch.float8_e4m3fn)
    return quantized, scales


@helion.kernel
def quantize_per_token_group(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The same with a scale for every 128 columns of a row, `[m, cdiv(n, 128)]`: activations of block-scaled products."""
    m, n = x.size()
    quantized = torch.empty([m, n], dtype=torch.float8_e4m3fn, device=x.device)
    scales = torch.empty([m, helion.cdiv(n, BLOCK)], dtype=torch.float32, device=x.device)
    for tile_m, tile_n in hl.tile([m, n], block_size=[None, BLOCK]):
        group = x[tile_m, tile_n].to(torch.float32)
        scale = torch.clamp(torch.amax(torch.abs(group), dim=-1) / LARGEST, min=SMALLEST_SCALE)
        scales[tile_m, tile_n.id] = scale
        quantized[tile_m, tile_n] = torch.clamp(group / scale[:, None], -LARGEST, LARGEST).to(torch.float8_e4m3fn)
    return quantized, scales


@helion.kernel
def quantize_per_block(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The same with a scale for every block of 128 by 128, `[cdiv(m, 128), cdiv(n, 128)]`: weights of block-scaled products."""
    m, n = x.size()
    quantized = torch.empty([m, n], dtype=torch.float8_e4m3fn, device=x.device)
    scales = torch.empty([helion.cdiv(m, BLOCK), helion.cdiv(n, BLOCK)], dtype=torch.float32, device=x.device)
    for tile_m, tile_n in hl.tile([m, n], block_size=[BLOCK, BLOCK]):
        block = x[tile_m, tile_n].to(torch.float32)
        largest = torch.amax(torch.amax(torch.abs(block), dim=-1), dim=-1)
        scale = torch.clamp(largest / LARGEST, min=SMALLEST_SCALE)
        scales[tile_m.id, tile_n.id] = scale
        quantized[tile_m, tile_n] = torch.clamp(block / scale, -LARGEST, LARGEST).to(torch.float8_e4m3fn)
    return quantized, scales


def reference(x: torch.Tensor, rows: int, columns: int) -> tuple[torch.Tensor, torch.Tensor]:
    """The same in torch for blocks of `rows` by `columns`."""
    m, n = x.size()
    down, across = -(-m // rows), -(-n // columns)
    padded = torch.nn.functional.pad(x.float(), (0, across * columns - n, 0, down * rows - m))
    blocks = padded.view(down, rows, across, columns)
    scales = (blocks.abs().amax((1, 3)) / LARGEST).clamp(min=SMALLEST_SCALE)
    quantized = (blocks / scales[:, None, :, None]).clamp(-LARGEST, LARGEST).to(torch.float8_e4m3fn)
    return quantized.reshape(down * rows, across * columns)[:m, :n], scales


def reference_per_token(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """One block a row."""
    quantized, scales = reference(x, 1, x.size(1))
    return quantized, scales[:, 0]


def main() -> None:
    m, n = (16384, 8192) if DEVICE.type == "cuda" else (37, 300)
    x = torch.randn(m, n, device=DEVICE, dtype=torch.bfloat16)
    check("quantize_per_token", quantize_per_token, reference_per_token, (x,))
    check("quantize_per_token_group", quantize_per_token_group, lambda x: reference(x, 1, BLOCK), (x,))
    check("quantize_per_block", quantize_per_block, lambda x: reference(x, BLOCK, BLOCK), (x,))


if __name__ == "__main__":
    main()
