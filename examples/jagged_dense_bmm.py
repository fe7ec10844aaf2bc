"""Each sequence of a batch times a dense matrix of its own, where the sequences have different lengths.

To learn: `hl.jagged_tile` loops over rows as long as the longest sequence of the tile and masks, by itself, what shorter ones do not have:
indices made of both tiles need no mask in loads and stores, not even in a product.
"""

from __future__ import annotations

import torch

import helion
import helion.language as hl
from helion.testing import DEVICE, check


@helion.kernel
def jagged_dense_bmm(x_data: torch.Tensor, x_offsets: torch.Tensor, y: torch.Tensor, bias: torch.Tensor | None) -> torch.Tensor:
    """`x_data[x_offsets[b]:x_offsets[b + 1]] @ y[b] + bias[b]` for every b, behind one another; `bias` may be left out."""
    rows, k = x_data.size()
    sequences, k2, n = y.size()
    assert k == k2
    assert x_offsets.size(0) == sequences + 1
    out = torch.empty([rows, n], dtype=torch.promote_types(x_data.dtype, y.dtype), device=x_data.device)
    for tile_b in hl.tile(sequences):
        starts = x_offsets[tile_b]
        lengths = x_offsets[tile_b.index + 1] - starts
        for tile_r in hl.jagged_tile(lengths):
            place = starts[:, None] + tile_r.index[None, :]
            for tile_n in hl.tile(n):
                acc = hl.zeros([tile_b, tile_r, tile_n], dtype=torch.float32)
                for tile_k in hl.tile(k):
                    acc = torch.baddbmm(acc, x_data[place, tile_k], y[tile_b, tile_k, tile_n])
                if bias is not None:
                    acc = acc + bias[tile_b, tile_n].to(torch.float32)[:, None, :]
                out[place, tile_n] = acc.to(out.dtype)
    return out


def reference(x_data: torch.Tensor, x_offsets: torch.Tensor, y: torch.Tensor, bias: torch.Tensor | None) -> torch.Tensor:
    """The same in torch, sequence by sequence."""
    parts = x_data.tensor_split(x_offsets[1:-1].long().cpu())
    products = [x @ y[b] if bias is None else x @ y[b] + bias[b] for b, x in enumerate(parts)]
    return torch.cat(products)


def main() -> None:
    sequences, longest, k, n = (1024, 512, 128, 128) if DEVICE.type == "cuda" else (9, 20, 24, 20)
    lengths = torch.randint(longest + 1, [sequences], device=DEVICE)
    offsets = torch.nn.functional.pad(lengths.cumsum(0), (1, 0))
    x = torch.randn(int(offsets[-1]), k, device=DEVICE, dtype=torch.bfloat16)
    y = torch.randn(sequences, k, n, device=DEVICE, dtype=torch.bfloat16)
    bias = torch.randn(sequences, n, device=DEVICE, dtype=torch.bfloat16)
    check("jagged_dense_bmm", jagged_dense_bmm, reference, (x, offsets, y, bias))


if __name__ == "__main__":
    main()
