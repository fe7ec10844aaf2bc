"""Softmax over the rows of each sequence of a batch whose sequences have different lengths, feature by feature.

To learn: the online softmax (a running maximum and a running sum) over a loop that only memory bounds, a second pass that stores through
the same flat indices, and lanes with nothing in them, which count as minus infinity.
"""

from __future__ import annotations

import torch

import helion
import helion.language as hl
from helion.testing import DEVICE, check


@helion.kernel
def jagged_softmax(x_data: torch.Tensor, x_offsets: torch.Tensor) -> torch.Tensor:
    """`softmax(x_data[x_offsets[b]:x_offsets[b + 1]], dim=0)` for every sequence b, in the place of its values."""
    rows, features = x_data.size()
    sequences = x_offsets.size(0) - 1
    out = torch.empty([rows * features], dtype=x_data.dtype, device=x_data.device)
    x_flat = x_data.reshape(-1)
    for tile_b, tile_f in hl.tile([sequences, features]):
        starts = x_offsets[tile_b]
        lengths = x_offsets[tile_b.index + 1] - starts
        longest = lengths.amax()
        top = hl.full([tile_b, tile_f], float("-inf"), dtype=torch.float32)
        total = hl.zeros([tile_b, tile_f], dtype=torch.float32)
        for tile_r in hl.tile(0, longest):
            flat = (starts[:, None] + tile_r.index[None, :])[:, :, None] * features + tile_f.index[None, None, :]
            present = (tile_r.index[None, :] < lengths[:, None])[:, :, None]
            x = torch.where(present, hl.load(x_flat, [flat], extra_mask=present).to(torch.float32), float("-inf"))
            new_top = torch.maximum(top, x.amax(dim=1))
            shift = torch.where(new_top == float("-inf"), 0.0, new_top)
            total = total * torch.exp(top - shift) + torch.exp(x - shift[:, None, :]).sum(dim=1)
            top = new_top
        for tile_r in hl.tile(0, longest):
            flat = (starts[:, None] + tile_r.index[None, :])[:, :, None] * features + tile_f.index[None, None, :]
            present = (tile_r.index[None, :] < lengths[:, None])[:, :, None]
            x = hl.load(x_flat, [flat], extra_mask=present).to(torch.float32)
            hl.store(out, [flat], torch.exp(x - top[:, None, :]) / total[:, None, :], extra_mask=present)
    return out.reshape([rows, features])


def reference(x_data: torch.Tensor, x_offsets: torch.Tensor) -> torch.Tensor:
    """The same in torch, sequence by sequence."""
    return torch.cat([x.softmax(0) for x in x_data.tensor_split(x_offsets[1:-1].long().cpu())])


def main() -> None:
    sequences, longest, features = (1024, 512, 128) if DEVICE.type == "cuda" else (9, 20, 12)
    lengths = torch.randint(longest + 1, [sequences], device=DEVICE)
    offsets = torch.nn.functional.pad(lengths.cumsum(0), (1, 0))
    x = torch.randn(int(offsets[-1]), features, device=DEVICE)
    check("jagged_softmax", jagged_softmax, reference, (x, offsets))


if __name__ == "__main__":
    main()
