"""Sums of rows by the segment they belong to, for sorted segment ids: message passing in graph networks, pooling of token spans.

To learn: a scan over pairs (value, id) with a combine function of one's own adds up each segment inside a tile, so that only the last row
of a segment in a tile goes to memory, by an atomic that all tiles of the segment share.
"""

from __future__ import annotations

import torch

import helion
import helion.language as hl
from helion.testing import DEVICE, check


def add_within_segment(
    left_value: torch.Tensor, left_id: torch.Tensor, right_value: torch.Tensor, right_id: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """What a scan carries from left to right: values add up as long as the id stays."""
    return torch.where(left_id == right_id, left_value + right_value, right_value), right_id


@helion.kernel
def segment_sum(values: torch.Tensor, ids: torch.Tensor, segments: int) -> torch.Tensor:
    """Row `s` of the result, float32, is the sum of the rows of `values` whose id is `s`; `ids` never decrease."""
    n, width = values.size()
    assert ids.size(0) == n
    out = torch.zeros([segments, width], dtype=torch.float32, device=values.device)
    for tile_n, tile_w in hl.tile([n, width]):
        id_ = ids[tile_n]
        value = values[tile_n, tile_w].to(torch.float32)
        repeated = id_.to(torch.float32)[:, None] + torch.zeros_like(value)
        total, _ = hl.associative_scan(add_within_segment, (value, repeated), dim=0)
        next_id = hl.load(ids, [tile_n.index + 1], extra_mask=tile_n.index + 1 < n)
        is_last = (next_id != id_) | (tile_n.index + 1 >= tile_n.end)
        hl.atomic_add(out, [id_, tile_w], torch.where(is_last[:, None], total, 0.0))
    return out


def reference(values: torch.Tensor, ids: torch.Tensor, segments: int) -> torch.Tensor:
    """The same in torch."""
    out = torch.zeros(segments, values.size(1), device=values.device)
    return out.index_add(0, ids, values.float())


def main() -> None:
    n, width, segments = (1 << 18, 128, 20000) if DEVICE.type == "cuda" else (100, 12, 9)
    values = torch.randn(n, width, device=DEVICE)
    ids = torch.randint(segments, [n], device=DEVICE).sort().values
    check("segment_sum", segment_sum, reference, (values, ids, segments))


if __name__ == "__main__":
    main()
