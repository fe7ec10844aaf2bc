"""A load of what the same program may have stored waits for all of its threads, and nothing else does."""

from __future__ import annotations

import pytest

from helion.config.config import Config
from tests.parity.generated_text import generated

SIGNATURE = "f32[64,64], i64[1], f32[64,64]"
ROWS = "    for t in hl.tile(x.size(0)):\n"


@pytest.mark.parametrize(
    ("body", "block_sizes", "barriers"),
    [
        ("        out[t, 0] = x[t, 0]\n        out[t, 1] = x[t, 1]", [16], 0),
        ("        out[t, :] += x[t, :]", [16], 0),
        ("        out[t, :] += x[t, :]\n        out[t, :] *= 2", [16], 1),
        ("        out[t, 0] = x[t, 0]\n        out[t, 1] = out[idx[0], 0] + out[idx[0], 1]", [16], 1),
        ("        hl.atomic_add(out, [t, 0], x[t, 0])\n        out[t, 1] = out[t, 0]", [16], 1),
        # The next iteration loads what this one stored.
        ("        for u in hl.tile(x.size(1)):\n            out[t, 0] += x[t, u].sum(1)", [16, 16], 1),
        ("        for u in hl.tile(x.size(1)):\n            out[t, u] = x[t, u]", [16, 16], 0),
        ("        for u in hl.tile(x.size(1)):\n            out[t, u] = x[t, u]\n        x[t, 0] = out[t, :].sum(1)", [16, 16], 1),
        ("        if idx[0] > 3:\n            out[t, 0] = x[t, 0]\n        x[t, 1] = out[t, 0]", [16], 1),
        ("        v = out[t, 0]\n        if idx[0] > 3:\n            out[t, 0] = v + x[t, 0]", [16], 0),
    ],
)
def test_barriers(body: str, block_sizes: list[int], barriers: int) -> None:
    text = generated(ROWS + body, SIGNATURE, Config(block_sizes=block_sizes))
    assert text.count("tl.debug_barrier()") == barriers, text


def test_what_is_read_and_written_is_moved_by_plain_loads_and_stores() -> None:
    text = generated(f"{ROWS}        out[t, :] += x[t, :]", SIGNATURE, Config(block_sizes=[16], indexing="tensor_descriptor"))
    assert "x_desc.load" in text
    assert "out_desc" not in text
