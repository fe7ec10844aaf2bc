"""Matrix multiplication of 8-bit floats with a scale for each row and each column, as inference engines multiply quantized layers.

To learn: scales leave the loop, since a row's scale is a common factor of its sums; they multiply the accumulator once, in registers.
"""

from __future__ import annotations

import torch

import helion
import helion.language as hl
from helion.testing import DEVICE, check


@helion.kernel
def fp8_matmul(
    x: torch.Tensor, y: torch.Tensor, x_scale: torch.Tensor, y_scale: torch.Tensor, bias: torch.Tensor | None = None
) -> torch.Tensor:
    """`(x * x_scale[:, None]) @ (y * y_scale[None, :]) + bias` in bfloat16, for float8 `x` `[m, k]` and `y` `[k, n]`."""
    m, k = x.size()
    k2, n = y.size()
    assert k == k2
    assert x_scale.size(0) == m
    assert y_scale.size(0) == n
    out = torch.empty([m, n], dtype=torch.bfloat16, device=x.device)
    for tile_m, tile_n in hl.tile([m, n]):
        acc = hl.zeros([tile_m, tile_n], dtype=torch.float32)
        for tile_k in hl.tile(k):
            acc = hl.dot(x[tile_m, tile_k], y[tile_k, tile_n], acc=acc)
        scaled = acc * x_scale[tile_m][:, None] * y_scale[tile_n][None, :]
        if bias is not None:
            scaled = scaled + bias[tile_n].to(torch.float32)
        out[tile_m, tile_n] = scaled.to(torch.bfloat16)
    return out


def quantized(x: torch.Tensor, dim: int) -> tuple[torch.Tensor, torch.Tensor]:
    """`x` in float8_e4m3fn with one scale for everything along `dim`."""
    scale = x.float().abs().amax(dim, keepdim=True) / 448.0
    return (x.float() / scale).to(torch.float8_e4m3fn), scale.squeeze(dim)


def reference(
    x: torch.Tensor, y: torch.Tensor, x_scale: torch.Tensor, y_scale: torch.Tensor, bias: torch.Tensor | None = None
) -> torch.Tensor:
    """The same in torch: its scaled product on a GPU, float32 elsewhere."""
    if x.is_cuda:
        return torch.ops.aten._scaled_mm.default(
            x, y, scale_a=x_scale[:, None], scale_b=y_scale[None, :], bias=bias, out_dtype=torch.bfloat16
        )
    product = (x.to(torch.float32) * x_scale[:, None]) @ (y.to(torch.float32) * y_scale)
    return (product if bias is None else product + bias).to(torch.bfloat16)


def main() -> None:
    m, k, n = (4096, 4096, 4096) if DEVICE.type == "cuda" else (37, 64, 50)
    x, x_scale = quantized(torch.randn(m, k, device=DEVICE), 1)
    transposed, y_scale = quantized(torch.randn(n, k, device=DEVICE), 1)
    bias = torch.randn(n, device=DEVICE, dtype=torch.bfloat16)
    check("fp8_matmul", fp8_matmul, reference, (x, transposed.T, x_scale, y_scale))
    check("fp8_matmul with bias", fp8_matmul, reference, (x, transposed.T, x_scale, y_scale, bias))


if __name__ == "__main__":
    main()
