"""Bytes of two 4-bit floats (e2m1) in, the numbers out, in torch and as Triton text; knows no operation."""

from __future__ import annotations

import torch

_MAGNITUDES = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0)

# Of a nibble in the low bits of a uint16: sign, exponent and mantissa where float16 has its own. Its exponents count from 14 more, also
# those of its subnormals, and a product with a power of two is exact.
AS_FLOAT16 = ("return (((nibble & 7) << 9) | ((nibble & 8) << 12)).to(tl.float16, bitcast=True) * 16384.0",)


def decoded_float4(packed: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The float32 numbers in the low and in the high bits of bytes."""
    values = packed.view(torch.uint8)
    table = torch.tensor([*_MAGNITUDES, *(-m for m in _MAGNITUDES)], device=packed.device)
    return table[(values & 15).long()], table[(values >> 4).long()]
