"""A jagged matrix added to a dense one: row `i` of the result is row `i` of the dense one, its beginning raised by the row's values.

To learn: how far a loop goes may be computed in the kernel, here from the longest row of a tile; a loop may begin where another ended; and
`hl.load` takes indices of any shape, with a mask for what the shorter rows of the tile do not have.
"""

from __future__ import annotations

import torch

import helion
import helion.language as hl
from helion.testing import DEVICE, check


@helion.kernel
def jagged_dense_add(x_data: torch.Tensor, x_offsets: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Row `i` of the jagged matrix is `x_data[x_offsets[i]:x_offsets[i + 1]]`, never longer than the rows of `y`."""
    rows, columns = y.size()
    assert x_offsets.size(0) == rows + 1
    out = torch.empty([rows, columns], dtype=torch.promote_types(x_data.dtype, y.dtype), device=y.device)
    for tile_r in hl.tile(rows):
        starts = x_offsets[tile_r]
        lengths = x_offsets[tile_r.index + 1] - starts
        longest = lengths.amax()
        for tile_c in hl.tile(0, longest):
            x = hl.load(x_data, [starts[:, None] + tile_c.index[None, :]], extra_mask=tile_c.index[None, :] < lengths[:, None])
            out[tile_r, tile_c] = x + y[tile_r, tile_c]
        for tile_c in hl.tile(longest, columns):
            out[tile_r, tile_c] = y[tile_r, tile_c].to(out.dtype)
    return out


def reference(x_data: torch.Tensor, x_offsets: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """The same in torch, row by row."""
    out = y.to(torch.promote_types(x_data.dtype, y.dtype), copy=True)
    for row, x in enumerate(x_data.tensor_split(x_offsets[1:-1].long().cpu())):
        out[row, : x.size(0)] += x
    return out


def main() -> None:
    rows, columns = (256, 5000) if DEVICE.type == "cuda" else (9, 50)
    lengths = torch.randint(columns + 1, [rows], device=DEVICE)
    offsets = torch.nn.functional.pad(lengths.cumsum(0), (1, 0))
    x = torch.randn(int(offsets[-1]), device=DEVICE)
    y = torch.randn(rows, columns, device=DEVICE)
    check("jagged_dense_add", jagged_dense_add, reference, (x, offsets, y))


if __name__ == "__main__":
    main()
