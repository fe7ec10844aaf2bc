"""Matrix multiplication of 8-bit floats into float32.

To learn: `hl.dot(..., acc=acc)` takes operands that `torch.addmm` refuses and keeps the sum in the tensor cores' accumulator.
"""

from __future__ import annotations

import torch

import helion
import helion.language as hl
from helion.testing import DEVICE, check


@helion.kernel
def fp8_gemm(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """`x @ y` for operands in float8_e4m3fn or float8_e5m2, in float32."""
    m, k = x.size()
    k2, n = y.size()
    assert k == k2
    out = torch.empty([m, n], dtype=torch.float32, device=x.device)
    for tile_m, tile_n in hl.tile([m, n]):
        acc = hl.zeros([tile_m, tile_n], dtype=torch.float32)
        for tile_k in hl.tile(k):
            acc = hl.dot(x[tile_m, tile_k], y[tile_k, tile_n], acc=acc)
        out[tile_m, tile_n] = acc
    return out


def reference(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """The same in torch: its scaled product of 8-bit floats, which wants `y` by columns; where there is none, of float32."""
    if not x.is_cuda:
        return x.to(torch.float32) @ y.to(torch.float32)
    one = torch.ones((), device=x.device)
    return torch.ops.aten._scaled_mm.default(x, y.T.contiguous().T, scale_a=one, scale_b=one, out_dtype=torch.float32)


def main() -> None:
    m, k, n = (4096, 4096, 4096) if DEVICE.type == "cuda" else (37, 64, 50)
    x = torch.randn(m, k, device=DEVICE).to(torch.float8_e4m3fn)
    # By columns, as Hopper's tensor cores and torch want 8-bit operands.
    y = torch.randn(n, k, device=DEVICE).to(torch.float8_e4m3fn).T
    check("fp8_gemm", fp8_gemm, reference, (x, y))


if __name__ == "__main__":
    main()
