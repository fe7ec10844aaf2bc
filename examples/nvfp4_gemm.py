"""Matrix multiplication of two NVFP4 operands: 4-bit floats, two a byte along K, with a float8 scale for every 16 of them.

To learn: the loop is over groups, whose bytes are a slice of `BYTES_OF_A_GROUP` times as many columns; `expand` and `reshape` spread a
group's scale over them. A sum does not mind its order: the numbers in the low bits are multiplied first, those in the high bits after
them, so that nothing is interleaved. Products of a scale and a 4-bit float are exact in bfloat16.
"""

from __future__ import annotations

import torch

import helion
import helion.language as hl
from helion.testing import DEVICE, check

GROUP = 16
BYTES_OF_A_GROUP = GROUP // 2


@helion.kernel
def nvfp4_gemm(x: torch.Tensor, w: torch.Tensor, x_scale: torch.Tensor, w_scale: torch.Tensor, scale: float) -> torch.Tensor:
    """`scale * (x @ w.T)` in bfloat16 for packed `x` `[m, k // 2]` and `w` `[n, k // 2]`, uint8, with scales `[m, k // 16]` and
    `[n, k // 16]`."""
    m, groups = x_scale.size()
    n, groups2 = w_scale.size()
    assert groups == groups2
    assert x.size(1) == groups * BYTES_OF_A_GROUP
    assert w.size(1) == groups * BYTES_OF_A_GROUP
    out = torch.empty([m, n], dtype=torch.bfloat16, device=x.device)
    for tile_m, tile_n in hl.tile([m, n]):
        acc = hl.zeros([tile_m, tile_n], dtype=torch.float32)
        for tile_g in hl.tile(groups):
            first, length = tile_g.begin * BYTES_OF_A_GROUP, tile_g.block_size * BYTES_OF_A_GROUP
            x_scales = x_scale[tile_m, tile_g].to(torch.float32)[:, :, None].expand(tile_m, tile_g, BYTES_OF_A_GROUP)
            w_scales = w_scale[tile_n, tile_g].to(torch.float32)[:, :, None].expand(tile_n, tile_g, BYTES_OF_A_GROUP)
            x_scales, w_scales = x_scales.reshape(tile_m, length), w_scales.reshape(tile_n, length)
            x_low, x_high = hl.float4_e2m1fn_x2_to_float32(x[tile_m, first : first + length])
            w_low, w_high = hl.float4_e2m1fn_x2_to_float32(w[tile_n, first : first + length])
            acc = hl.dot((x_low * x_scales).to(torch.bfloat16), (w_low * w_scales).to(torch.bfloat16).T, acc=acc)
            acc = hl.dot((x_high * x_scales).to(torch.bfloat16), (w_high * w_scales).to(torch.bfloat16).T, acc=acc)
        out[tile_m, tile_n] = (acc * scale).to(torch.bfloat16)
    return out


def unpacked(packed: torch.Tensor, scales: torch.Tensor) -> torch.Tensor:
    """The float32 numbers `[rows, k]` of packed ones `[rows, k // 2]`."""
    magnitudes = torch.tensor([0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0], device=packed.device)
    values = torch.cat([magnitudes, -magnitudes])[torch.stack([packed & 15, packed >> 4], -1).flatten(1).long()]
    return values * scales.to(torch.float32).repeat_interleave(GROUP, 1)


def reference(x: torch.Tensor, w: torch.Tensor, x_scale: torch.Tensor, w_scale: torch.Tensor, scale: float) -> torch.Tensor:
    """The same in torch, on operands written out in bfloat16."""
    return (unpacked(x, x_scale).bfloat16() @ unpacked(w, w_scale).bfloat16().T).float().mul(scale).bfloat16()


def random_operand(rows: int, k: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Packed numbers and their scales."""
    packed = torch.randint(0, 256, (rows, k // 2), device=DEVICE, dtype=torch.uint8)
    return packed, (torch.rand(rows, k // GROUP, device=DEVICE) + 0.5).to(torch.float8_e4m3fn)


def main() -> None:
    m, k, n = (4096, 4096, 4096) if DEVICE.type == "cuda" else (37, 96, 50)
    (x, x_scale), (w, w_scale) = random_operand(m, k), random_operand(n, k)
    check("nvfp4_gemm", nvfp4_gemm, reference, (x, w, x_scale, w_scale, 0.5))


if __name__ == "__main__":
    main()
