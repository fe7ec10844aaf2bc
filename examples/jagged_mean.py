"""Means over the rows of each sequence of a batch, where each sequence also has its own number of features.

To learn: two conditions that only memory knows, one a row and one a column, meet in the mask of a store; sequences with nothing in them
divide by nothing because `torch.where` chooses.
"""

from __future__ import annotations

import torch

import helion
import helion.language as hl
from helion.testing import DEVICE, check


@helion.kernel
def jagged_mean(x_data: torch.Tensor, x_offsets: torch.Tensor, feature_counts: torch.Tensor) -> torch.Tensor:
    """Row `b` of the result is the mean of `x_data[x_offsets[b]:x_offsets[b + 1], :feature_counts[b]]` over its rows, 0 past the features
    and for an empty sequence.
    """
    features = x_data.size(1)
    sequences = feature_counts.size(0)
    assert x_offsets.size(0) == sequences + 1
    out = torch.zeros([sequences, features], dtype=x_data.dtype, device=x_data.device)
    x_flat = x_data.view(-1)
    for tile_b in hl.tile(sequences):
        starts = x_offsets[tile_b]
        lengths = x_offsets[tile_b.index + 1] - starts
        counts = feature_counts[tile_b]
        for tile_f in hl.tile(0, counts.amax()):
            has_feature = tile_f.index[None, :] < counts[:, None]
            total = hl.zeros([tile_b, tile_f], dtype=torch.float32)
            for tile_r in hl.tile(0, lengths.amax()):
                flat = (starts[:, None] + tile_r.index[None, :])[:, :, None] * features + tile_f.index[None, None, :]
                present = (tile_r.index[None, :] < lengths[:, None])[:, :, None] & has_feature[:, None, :]
                total = total + hl.load(x_flat, [flat], extra_mask=present).to(torch.float32).sum(dim=1)
            rows = lengths.to(torch.float32)[:, None]
            mean = torch.where(rows > 0, total / rows, 0.0)
            hl.store(out, [tile_b, tile_f], mean, extra_mask=has_feature)
    return out


def reference(x_data: torch.Tensor, x_offsets: torch.Tensor, feature_counts: torch.Tensor) -> torch.Tensor:
    """The same in torch, sequence by sequence."""
    out = x_data.new_zeros([feature_counts.size(0), x_data.size(1)])
    for row, x in enumerate(x_data.tensor_split(x_offsets[1:-1].long().cpu())):
        count = int(feature_counts[row])
        if x.size(0):
            out[row, :count] = x[:, :count].mean(0)
    return out


def main() -> None:
    sequences, longest, features = (1024, 512, 128) if DEVICE.type == "cuda" else (9, 20, 12)
    lengths = torch.randint(longest + 1, [sequences], device=DEVICE)
    offsets = torch.nn.functional.pad(lengths.cumsum(0), (1, 0))
    counts = torch.randint(features + 1, [sequences], device=DEVICE)
    x = torch.randn(int(offsets[-1]), features, device=DEVICE)
    check("jagged_mean", jagged_mean, reference, (x, offsets, counts))


if __name__ == "__main__":
    main()
