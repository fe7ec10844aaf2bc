"""Where an index or a dividend is known not to be negative, also inside a loop that takes it from around, nothing asks at run time."""

from __future__ import annotations

import pytest

from helion.config.config import Config
from tests.parity.generated_text import generated

_IN_A_LOOP = """
    for row in hl.grid(x.size(0)):
        for tile in hl.tile(x.size(1)):
            out[{index}, tile] = x[row, tile]
"""


@pytest.mark.parametrize(
    ("index", "asks"),
    [("row", False), ("row // 2", False), ("row + tile.id", False), ("row - 1", True), ("(row - 8) // 2 + 4", True)],
)
def test_a_number_from_around_a_loop_is_known_in_it(index: str, asks: bool) -> None:
    text = generated(_IN_A_LOOP.format(index=index).strip("\n"), "f32[16,64], i32[16], f32[16,64]", Config(block_sizes=[16]))
    assert ("< 0" in text or "div_floor" in text) is asks, text


def test_a_number_that_rounds_change_is_not() -> None:
    body = """
    for row in hl.grid(x.size(0)):
        at = 4
        for tile in hl.tile(x.size(1)):
            out[at, tile] = x[row, tile]
            at = at - 1
"""
    text = generated(body.strip("\n"), "f32[16,64], i32[16], f32[16,64]", Config(block_sizes=[16]))
    assert "< 0" in text, text
