"""Layer norm of whole sequences of different lengths: one mean and one variance for all rows and features of a sequence.

To learn: three passes over the same ragged rows; rows are gathered by an index of two dimensions (sequence, row), so that the features stay
an ordinary dimension and each pass reads like dense code.
"""

from __future__ import annotations

import torch

import helion
import helion.language as hl
from helion.testing import DEVICE, check


@helion.kernel
def jagged_layer_norm(x_data: torch.Tensor, x_offsets: torch.Tensor, eps: float = 1e-6) -> torch.Tensor:
    """`(x - mean) / sqrt(variance + eps)` of `x = x_data[x_offsets[b]:x_offsets[b + 1]]` for every sequence b, where its values are."""
    features = x_data.size(1)
    sequences = x_offsets.size(0) - 1
    out = torch.empty_like(x_data)
    for tile_b in hl.tile(sequences):
        starts = x_offsets[tile_b]
        lengths = x_offsets[tile_b.index + 1] - starts
        longest = lengths.amax()
        count = torch.clamp(lengths.to(torch.float32) * features, min=1.0)
        total = hl.zeros([tile_b], dtype=torch.float32)
        for tile_r, tile_f in hl.tile([longest, features]):
            rows = starts[:, None] + tile_r.index[None, :]
            present = (tile_r.index[None, :] < lengths[:, None])[:, :, None]
            x = hl.load(x_data, [rows, tile_f], extra_mask=present)
            total = total + x.to(torch.float32).sum(dim=2).sum(dim=1)
        mean = total / count
        squares = hl.zeros([tile_b], dtype=torch.float32)
        for tile_r, tile_f in hl.tile([longest, features]):
            rows = starts[:, None] + tile_r.index[None, :]
            present = (tile_r.index[None, :] < lengths[:, None])[:, :, None]
            x = hl.load(x_data, [rows, tile_f], extra_mask=present).to(torch.float32)
            centered = torch.where(present, x - mean[:, None, None], 0.0)
            squares = squares + (centered * centered).sum(dim=2).sum(dim=1)
        scale = torch.rsqrt(squares / count + eps)
        for tile_r, tile_f in hl.tile([longest, features]):
            rows = starts[:, None] + tile_r.index[None, :]
            present = (tile_r.index[None, :] < lengths[:, None])[:, :, None]
            x = hl.load(x_data, [rows, tile_f], extra_mask=present).to(torch.float32)
            hl.store(out, [rows, tile_f], (x - mean[:, None, None]) * scale[:, None, None], extra_mask=present)
    return out


def reference(x_data: torch.Tensor, x_offsets: torch.Tensor, eps: float = 1e-6) -> torch.Tensor:
    """The same in torch, sequence by sequence."""
    parts = x_data.tensor_split(x_offsets[1:-1].long().cpu())
    return torch.cat([torch.nn.functional.layer_norm(x, x.shape, eps=eps) if x.numel() else x for x in parts])


def main() -> None:
    sequences, longest, features = (1024, 512, 128) if DEVICE.type == "cuda" else (9, 20, 12)
    lengths = torch.randint(longest + 1, [sequences], device=DEVICE)
    offsets = torch.nn.functional.pad(lengths.cumsum(0), (1, 0))
    x = torch.randn(int(offsets[-1]), features, device=DEVICE)
    check("jagged_layer_norm", jagged_layer_norm, reference, (x, offsets))


if __name__ == "__main__":
    main()
