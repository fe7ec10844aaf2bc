"""The short causal convolution of state space models: each channel by its own filter over time, then SiLU.

To learn: `hl.static_range` unrolls the taps of the filter; shifted loads with a mask read 0 before the beginning, so that nothing is
padded.
"""

from __future__ import annotations

import torch

import helion
import helion.language as hl
from helion.testing import DEVICE, check


@helion.kernel
def causal_conv1d(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None) -> torch.Tensor:
    """`silu(sum over k of x[b, d, t - width + 1 + k] * weight[d, k] + bias[d])` for `x` `[b, d, length]` and `weight` `[d, width]`."""
    b, d, length = x.size()
    d2, width = weight.size()
    assert d == d2
    width = hl.specialize(width)
    out = torch.empty_like(x)
    for tile_b, tile_d, tile_t in hl.tile([b, d, length]):
        acc = hl.zeros([tile_b, tile_d, tile_t], dtype=torch.float32)
        for k in hl.static_range(width):
            place = tile_t.index + (k - width + 1)
            value = hl.load(x, [tile_b, tile_d, place], extra_mask=(place >= 0)[None, None, :])
            acc = acc + value.to(torch.float32) * weight[tile_d, k].to(torch.float32)[None, :, None]
        if bias is not None:
            acc = acc + bias[tile_d].to(torch.float32)[None, :, None]
        out[tile_b, tile_d, tile_t] = (acc * torch.sigmoid(acc)).to(x.dtype)
    return out


def reference(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None) -> torch.Tensor:
    """The same by torch's grouped convolution."""
    d, width = weight.size()
    padded = torch.nn.functional.pad(x, (width - 1, 0))
    return torch.nn.functional.silu(torch.nn.functional.conv1d(padded, weight[:, None, :], bias, groups=d))


def main() -> None:
    b, d, length, width = (8, 4096, 4096, 4) if DEVICE.type == "cuda" else (2, 5, 37, 4)
    x = torch.randn(b, d, length, device=DEVICE, dtype=torch.bfloat16)
    weight = torch.randn(d, width, device=DEVICE, dtype=torch.bfloat16)
    bias = torch.randn(d, device=DEVICE, dtype=torch.bfloat16)
    check("causal_conv1d", causal_conv1d, reference, (x, weight, bias))
    check("causal_conv1d without bias", causal_conv1d, reference, (x, weight, None))


if __name__ == "__main__":
    main()
