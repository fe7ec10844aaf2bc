"""Sums over the rows of each sequence of a batch whose sequences have different lengths.

To learn: the sequences lie behind one another in `[rows, features]`, so one loop over a tile of sequences runs as long as its longest one,
and a load of three dimensions (sequence, row, feature) takes flat indices and the mask of what each sequence has.
"""

from __future__ import annotations

import torch

import helion
import helion.language as hl
from helion.testing import DEVICE, check


@helion.kernel
def jagged_sum(x_data: torch.Tensor, x_offsets: torch.Tensor) -> torch.Tensor:
    """Row `b` of the result is the sum of `x_data[x_offsets[b]:x_offsets[b + 1]]` over its rows; 0 for an empty sequence."""
    features = x_data.size(1)
    sequences = x_offsets.size(0) - 1
    out = torch.empty([sequences, features], dtype=x_data.dtype, device=x_data.device)
    x_flat = x_data.view(-1)
    for tile_b, tile_f in hl.tile([sequences, features]):
        starts = x_offsets[tile_b]
        lengths = x_offsets[tile_b.index + 1] - starts
        total = hl.zeros([tile_b, tile_f], dtype=torch.float32)
        for tile_r in hl.tile(0, lengths.amax()):
            rows = starts[:, None] + tile_r.index[None, :]
            present = tile_r.index[None, :] < lengths[:, None]
            values = hl.load(x_flat, [rows[:, :, None] * features + tile_f.index[None, None, :]], extra_mask=present[:, :, None])
            total = total + values.to(torch.float32).sum(dim=1)
        out[tile_b, tile_f] = total.to(out.dtype)
    return out


def reference(x_data: torch.Tensor, x_offsets: torch.Tensor) -> torch.Tensor:
    """The same in torch, sequence by sequence."""
    return torch.stack([x.sum(0) for x in x_data.tensor_split(x_offsets[1:-1].long().cpu())])


def main() -> None:
    sequences, longest, features = (1024, 512, 128) if DEVICE.type == "cuda" else (9, 20, 12)
    lengths = torch.randint(longest + 1, [sequences], device=DEVICE)
    offsets = torch.nn.functional.pad(lengths.cumsum(0), (1, 0))
    x = torch.randn(int(offsets[-1]), features, device=DEVICE)
    check("jagged_sum", jagged_sum, reference, (x, offsets))


if __name__ == "__main__":
    main()
