"""Accesses are masked where a lane may lie outside, and nowhere else; descriptors move only what the hardware moves as it is meant."""

from __future__ import annotations

import re

import pytest

from helion.config.config import Config
from tests.parity.generated_text import generated


def masks(text: str) -> list[str]:
    """For each load and store in order what stands after `mask=`, "" where nothing does."""
    lines = re.findall(r"tl\.(?:load|store)\(.*", text)
    found = [re.search(r"mask=(.*?)(?:, other=0|\)$)", line) for line in lines]
    return ["" if mask is None else mask.group(1) for mask in found]


TILE = "    for t in hl.tile(x.size(0)):\n"
ROWS = "f32[{0},12], i64[{0}], f32[{0}]"


@pytest.mark.parametrize(
    ("body", "rows", "block", "expected"),
    [
        ("        out[t] = x[t, 0]", 64, 16, ["", ""]),
        ("        out[t] = x[t, 0]", 60, 16, ["t_mask", "t_mask"]),
        ("        out[t] = x[t, 0]", 60, 1, ["", ""]),
        ("        out[t] = x[t, :].sum(1)", 64, 16, ["mask_0[None, :]", ""]),
        ("        out[t] = x[t, :].sum(1)", 60, 16, ["t_mask[:, None] & mask_0[None, :]", "t_mask"]),
        ("        out[t] = x[t, 2:6].sum(1)", 64, 16, ["", ""]),
        ("        out[t] = x[t, 2:7].sum(1)", 64, 16, ["mask_0[None, :]", ""]),
        ("        out[t] = x[t, ::3].sum(1)", 64, 16, ["", ""]),
        ("        out[t] = x[idx[t], 0]", 64, 16, ["", "", ""]),
        ("        out[t] = x[idx[t], 0]", 60, 16, ["t_mask", "t_mask", "t_mask"]),
        ("        out[t] = x[t.begin : t.begin + t.block_size, 0]", 64, 16, ["", ""]),
        ("        out[t] = x[t.begin : t.begin + t.block_size, 0]", 60, 16, ["t_mask", "t_mask"]),
        ("        out[t.begin] = x[t.begin, :].sum()", 60, 16, ["mask_0", ""]),
        ("        k = idx[0]\n        out[t] = x[k : k + 1, 0].sum() + x[t, 1]", 64, 16, ["", "(k < 64)", "", ""]),
    ],
)
def test_masks(body: str, rows: int, block: int, expected: list[str]) -> None:
    assert masks(generated(TILE + body, ROWS.format(rows), Config(block_sizes=[block]))) == expected


@pytest.mark.parametrize(
    ("pairs", "rows", "mask"),
    [(64, 128, ""), (64, 136, ""), (64, 120, "(first + index_0 < 120)"), (60, 120, "(first + index_0 < 120)")],
)
def test_two_neighbours_for_each_lane_of_a_tile(pairs: int, rows: int, mask: str) -> None:
    body = f"    for t in hl.tile({pairs}):\n        first = t.begin * 2\n        out[t.id] = idx[first : first + t.block_size * 2].sum()"
    text = generated(body, f"f32[8,12], i64[{rows}], f32[8]", Config(block_sizes=[16]))
    assert masks(text) == [mask, ""]


WALK = """\
    for t in hl.tile(out.size(0)):
        acc = hl.zeros([t], dtype=torch.float32)
        for u in hl.tile({0}):
            acc += x[u, t].sum(0)
        out[t] = acc"""


@pytest.mark.parametrize(
    ("bounds", "rows", "blocks", "masked"),
    [
        ("t.end", 64, (32, 16), False),
        ("t.end", 64, (32, 32), False),
        # A tile of the walk reaches beyond the tile whose end bounds it.
        ("t.end", 64, (16, 32), True),
        ("t.end", 60, (32, 16), True),
        ("t.begin, x.size(0)", 64, (32, 16), False),
        ("t.begin, x.size(0)", 64, (16, 32), True),
        ("min(t.end, x.size(0))", 64, (32, 16), False),
        ("t.end + 16", 64, (32, 16), False),
        ("t.end + 8", 64, (32, 16), True),
        ("t.id * 16", 64, (32, 16), False),
        ("t.id * 8", 64, (32, 16), True),
        ("idx[0]", 64, (32, 16), True),
        ("idx[0] * 32", 64, (32, 16), False),
        ("idx[0] * 32 + 8", 64, (32, 16), True),
        ("min(idx[0] * 32, t.end)", 64, (32, 16), False),
    ],
)
def test_masks_of_walks_that_outer_tiles_bound(bounds: str, rows: int, blocks: tuple[int, int], *, masked: bool) -> None:
    """A walk to where an outer tile ends needs a mask where a tile can be partial, and none where its lengths divide."""
    signature = f"f32[128,{rows}], i64[1], f32[{rows}]"
    text = generated(WALK.format(bounds), signature, Config(block_sizes=list(blocks)))
    assert ("u_mask" in text) is masked


@pytest.mark.parametrize(
    ("body", "signature", "expected"),
    [
        ("out[t] = x[t]", "f32[64], i64[1], f32[64]", ["x.load", "out.store"]),
        ("out[t] = x[t]", "f32[60], i64[1], f32[60]", ["x.load", "out.store"]),
        # The copy engine writes to the end of the 16 bytes in which a row ends.
        ("out[t] = x[t]", "f32[61], i64[1], f32[61]", ["x.load"]),
        ("out[t, :] = x[t, :]", "f32[64,12], i64[1], f32[64,12]", ["x.load", "out.store"]),
        # Rows that begin inside 16 bytes.
        ("out[t, :] = x[t, :]", "f32[64,13], i64[1], f32[64,13]", []),
        ("out[t] = x[t, 4:8].sum(1)", "f32[64,16], i64[1], f32[64]", ["x.load", "out.store"]),
        ("out[t] = x[t, 3:7].sum(1)", "f32[64,16], i64[1], f32[64]", ["out.store"]),
        # What is left out is not what lies past the tensor's end.
        ("out[t] = x[t, 4:10].sum(1)", "f32[64,16], i64[1], f32[64]", ["out.store"]),
        ("out[t] = x[t, 4:].sum(1)", "f32[64,12], i64[1], f32[64]", ["x.load", "out.store"]),
        ("out[t] = x[t, 8:].sum(1)", "f32[64,20], i64[1], f32[64]", ["x.load", "out.store"]),
        ("out[t] = x[t + 4]", "f32[68], i64[1], f32[64]", ["out.store"]),
        ("out[t, :] = x[t + 4, :]", "f32[68,12], i64[1], f32[64,12]", ["x.load", "out.store"]),
        ("out[t, :] = x[idx[0] + t.index - 4, :]", "f32[68,12], i64[1], f32[64,12]", ["x.load", "out.store"]),
        ("out[idx[0] + t.index, :] = x[t, :]", "f32[64,12], i64[1], f32[64,12]", ["x.load", "out.store"]),
        # Backwards.
        ("out[t, :] = x[idx[0] - t.index, :]", "f32[64,12], i64[1], f32[64,12]", ["out.store"]),
        # Behind the tile's end are rows of the tensor that are not the tile's.
        ("out[t, :] = x[t + 4, :]", "f32[68,12], i64[1], f32[60,12]", ["out.store"]),
        ("out[idx[0] + t.index, :] = x[t, :]", "f32[60,12], i64[1], f32[60,12]", ["x.load"]),
        # Each lane moved by a number of its own.
        ("out[t, :] = x[idx[t] + t.index, :]", "f32[64,12], i64[64], f32[64,12]", ["idx.load", "out.store"]),
        ("out[t] = x[t, idx[0]]", "f32[64,16], i64[1], f32[64]", ["out.store"]),
        ("out[t] = x[idx[0], t]", "f32[16,64], i64[1], f32[64]", ["x.load", "out.store"]),
        ("out[t] = x[4:][t]", "f32[68], i64[1], f32[64]", None),
    ],
)
def test_descriptors(body: str, signature: str, expected: list[str] | None) -> None:
    loop = "    for t in hl.tile(out.size(0)):\n        "
    if expected is None:
        loop, body, expected = f"    rest, ahead = x[3:], x[4:]\n{loop}", "out[t] = rest[t] + ahead[t]", ["ahead.load", "out.store"]
    text = generated(loop + body, signature, Config(block_sizes=[32], indexing="tensor_descriptor"))
    assert re.findall(r"(?<=[ (])(\w+)_desc(\.(?:load|store))", text) == [tuple(e.replace(".", " .").split()) for e in expected]
