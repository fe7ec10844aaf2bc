"""Two-dimensional convolution as a matrix product whose left matrix is never built (implicit GEMM).

To learn: rows of the product are pixels of the result; arithmetic on `tile.index` finds the pixel of the input that each needs, a gather
loads its channels, and the mask is the padding. Strides and padding are constants of the compiled kernel.
"""

from __future__ import annotations

import torch

import helion
import helion.language as hl
from helion.testing import DEVICE, check


@helion.kernel
def conv2d(x: torch.Tensor, weight: torch.Tensor, stride: hl.constexpr = 1, padding: hl.constexpr = 0) -> torch.Tensor:
    """The convolution of `x` `[n, h, w, c]` with `weight` `[o, c, kh, kw]`, as `[n, out_h, out_w, o]`: channels come last."""
    n, h, w, c = x.size()
    o, c2, kh, kw = weight.size()
    assert c == c2
    kh = hl.specialize(kh)
    kw = hl.specialize(kw)
    out_h = (h + 2 * padding - kh) // stride + 1
    out_w = (w + 2 * padding - kw) // stride + 1
    pixels = x.reshape(n * h * w, c)
    out = torch.empty([n * out_h * out_w, o], dtype=x.dtype, device=x.device)
    for tile_p, tile_o in hl.tile([n * out_h * out_w, o]):
        acc = hl.zeros([tile_p, tile_o], dtype=torch.float32)
        image = tile_p.index // (out_h * out_w)
        top = tile_p.index // out_w % out_h * stride - padding
        left = tile_p.index % out_w * stride - padding
        for tile_c in hl.tile(c):
            for i in hl.static_range(kh):
                for j in hl.static_range(kw):
                    row = top + i
                    column = left + j
                    inside = (row >= 0) & (row < h) & (column >= 0) & (column < w)
                    patch = hl.load(pixels, [(image * h + row) * w + column, tile_c], extra_mask=inside[:, None])
                    acc = hl.dot(patch, weight[tile_o, tile_c, i, j].T, acc=acc)
        out[tile_p, tile_o] = acc.to(x.dtype)
    return out.view(n, out_h, out_w, o)


def reference(x: torch.Tensor, weight: torch.Tensor, stride: int = 1, padding: int = 0) -> torch.Tensor:
    """Torch's own, whose channels come first."""
    return torch.nn.functional.conv2d(x.permute(0, 3, 1, 2), weight, stride=stride, padding=padding).permute(0, 2, 3, 1)


def main() -> None:
    n, c, size, o = (32, 256, 56, 256) if DEVICE.type == "cuda" else (2, 16, 9, 20)
    dtype = torch.bfloat16 if DEVICE.type == "cuda" else torch.float32
    x = torch.randn(n, size, size, c, device=DEVICE, dtype=dtype)
    weight = torch.randn(o, c, 3, 3, device=DEVICE, dtype=dtype) * (9 * c) ** -0.5
    check("conv2d", conv2d, reference, (x, weight, 1, 1))
    check("conv2d, stride 2", conv2d, reference, (x, weight, 2, 1))


if __name__ == "__main__":
    main()
