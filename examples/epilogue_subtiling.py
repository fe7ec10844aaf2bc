"""Matrix products with work after the sum: what follows can run on parts of a tile's columns.

To learn: `epilogue_subtile` in a config splits what comes after the loop over K, so that a large tile of sums does not need as many
registers, and as much shared memory, again for its bias, its residual and its result; the kernel says nothing of it.
"""

from __future__ import annotations

import torch

import helion
import helion.language as hl
from helion.testing import DEVICE, check


@helion.kernel
def residual_gelu(x: torch.Tensor, y: torch.Tensor, bias: torch.Tensor, residual: torch.Tensor) -> torch.Tensor:
    """`gelu(x @ y + bias) + residual` in `x`'s dtype, the sum in float32."""
    m, k = x.size()
    k2, n = y.size()
    assert k == k2
    out = torch.empty([m, n], dtype=x.dtype, device=x.device)
    for tile_m, tile_n in hl.tile([m, n]):
        acc = hl.zeros([tile_m, tile_n], dtype=torch.float32)
        for tile_k in hl.tile(k):
            acc = torch.addmm(acc, x[tile_m, tile_k], y[tile_k, tile_n])
        activated = torch.nn.functional.gelu(acc + bias[tile_n].to(torch.float32))
        out[tile_m, tile_n] = (activated + residual[tile_m, tile_n].to(torch.float32)).to(x.dtype)
    return out


@helion.kernel
def gradient_and_activation(x: torch.Tensor, y: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """`silu(x @ y)` and its derivative, both stored for a backward pass: two results of one tile of sums."""
    m, k = x.size()
    k2, n = y.size()
    assert k == k2
    out = torch.empty([m, n], dtype=x.dtype, device=x.device)
    slope = torch.empty([m, n], dtype=x.dtype, device=x.device)
    for tile_m, tile_n in hl.tile([m, n]):
        acc = hl.zeros([tile_m, tile_n], dtype=torch.float32)
        for tile_k in hl.tile(k):
            acc = torch.addmm(acc, x[tile_m, tile_k], y[tile_k, tile_n])
        gate = torch.sigmoid(acc)
        out[tile_m, tile_n] = (acc * gate).to(x.dtype)
        slope[tile_m, tile_n] = (gate * (1.0 + acc * (1.0 - gate))).to(x.dtype)
    return out, slope


def reference_residual_gelu(x: torch.Tensor, y: torch.Tensor, bias: torch.Tensor, residual: torch.Tensor) -> torch.Tensor:
    """The same in torch."""
    return torch.nn.functional.gelu(x @ y + bias) + residual


def reference_gradient_and_activation(x: torch.Tensor, y: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The same in torch."""
    product = x @ y
    gate = torch.sigmoid(product)
    return product * gate, gate * (1 + product * (1 - gate))


def main() -> None:
    m, k, n = (8192, 4096, 4096) if DEVICE.type == "cuda" else (37, 64, 80)
    x, y, bias, residual = (torch.randn(s, device=DEVICE, dtype=torch.bfloat16) * 0.2 for s in ((m, k), (k, n), (n,), (m, n)))
    subtiled = helion.Config(block_sizes=[128, 256, 64] if DEVICE.type == "cuda" else [16, 64, 32], num_warps=8, epilogue_subtile=2)
    check("residual_gelu", residual_gelu, reference_residual_gelu, (x, y, bias, residual))
    check(
        "residual_gelu in 2 parts",
        helion.kernel(residual_gelu.fn, config=subtiled),
        reference_residual_gelu,
        (x, y, bias, residual),
    )
    check("gradient_and_activation", gradient_and_activation, reference_gradient_and_activation, (x, y))
    check(
        "gradient_and_activation in 2 parts",
        helion.kernel(gradient_and_activation.fn, config=subtiled),
        reference_gradient_and_activation,
        (x, y),
    )


if __name__ == "__main__":
    main()
