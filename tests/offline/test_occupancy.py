"""Occupancy against numbers of the vendors' own calculators."""

from __future__ import annotations

import pytest

from helion.offline.occupancy import occupancy_of
from helion.target import find_target


@pytest.mark.parametrize(
    ("target", "registers", "shared", "warps", "blocks", "limited_by"),
    [
        ("sm_90", 32, 0, 4, 16, "registers"),
        ("sm_90", 16, 0, 8, 8, "warps"),
        ("sm_90", 128, 0, 4, 4, "registers"),
        ("sm_90", 129, 0, 4, 3, "registers"),
        ("sm_90", 255, 0, 8, 1, "registers"),
        ("sm_90", 64, 100_000, 4, 2, "shared memory"),
        ("sm_90", 64, 232_448, 4, 1, "shared memory"),
        ("sm_90", 64, 232_449, 4, 0, "shared memory"),
        ("sm_90", 255, 0, 16, 0, "registers"),
        ("sm_90", 16, 0, 1, 32, "blocks"),
        ("sm_86", 32, 0, 8, 6, "warps"),
        ("gfx950", 128, 0, 4, 4, "registers"),
        ("gfx950", 256, 65536, 4, 2, "registers"),
    ],
)
def test_blocks(target: str, registers: int, shared: int, warps: int, blocks: int, limited_by: str) -> None:
    result = occupancy_of(registers, shared, warps, find_target(target))
    assert (result.blocks, result.limited_by) == (blocks, limited_by)


def test_fraction_counts_warps() -> None:
    assert occupancy_of(128, 0, 4, find_target("sm_90")).fraction == 16 / 64
