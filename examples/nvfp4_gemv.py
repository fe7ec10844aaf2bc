"""A matrix of 4-bit floats with a float8 scale for every 16 (NVFP4) times a vector: one token through a quantized layer.

To learn: `hl.load_float4_e2m1fn_x16_to_float16` reads the 8 bytes of a group in one access, and `hl.load_bfloat16_x16_to_float16` what
they are multiplied by; a scale is applied to a group's sum. The kernel runs at the speed of memory.
"""

from __future__ import annotations

import torch

import helion
import helion.language as hl
from helion.testing import DEVICE, check

GROUP = 16


@helion.kernel
def nvfp4_gemv(w: torch.Tensor, w_scale: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """`w @ x` in bfloat16 for packed `w` `[n, k // 2]`, uint8, its scales `[n, k // 16]` and bfloat16 `x` `[k]`."""
    n, groups = w_scale.size()
    assert w.size(0) == n
    assert w.size(1) == groups * (GROUP // 2)
    assert x.size(0) == groups * GROUP
    out = torch.empty([n], dtype=torch.bfloat16, device=x.device)
    for tile_n in hl.tile(n):
        acc = hl.zeros([tile_n], dtype=torch.float32)
        for tile_g in hl.tile(groups):
            weights = hl.load_float4_e2m1fn_x16_to_float16(w, tile_n.index[:, None] * groups + tile_g.index[None, :])
            values = hl.load_bfloat16_x16_to_float16(x, tile_g.index)
            products = weights.to(torch.float32) * values[None, :, :].to(torch.float32)
            acc = acc + (products.sum(-1) * w_scale[tile_n, tile_g].to(torch.float32)).sum(-1)
        out[tile_n] = acc.to(torch.bfloat16)
    return out


def reference(w: torch.Tensor, w_scale: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """The same in torch, on a matrix written out in float32."""
    magnitudes = torch.tensor([0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0], device=w.device)
    values = torch.cat([magnitudes, -magnitudes])[torch.stack([w & 15, w >> 4], -1).flatten(1).long()]
    return (values * w_scale.to(torch.float32).repeat_interleave(GROUP, 1) @ x.to(torch.float32)).to(torch.bfloat16)


def main() -> None:
    n, k = (16384, 8192) if DEVICE.type == "cuda" else (37, 96)
    w = torch.randint(0, 256, (n, k // 2), device=DEVICE, dtype=torch.uint8)
    w_scale = (torch.rand(n, k // GROUP, device=DEVICE) + 0.5).to(torch.float8_e4m3fn)
    x = torch.randn(k, device=DEVICE, dtype=torch.bfloat16)
    check("nvfp4_gemv", nvfp4_gemv, reference, (w, w_scale, x))


if __name__ == "__main__":
    main()
