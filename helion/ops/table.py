"""The explicit list of every operation: adding an op adds a line here and nowhere registers itself."""

from __future__ import annotations

from helion.ops import atomics, creation, dot, memory, reductions, tiles, tunables, views
from helion.ops.operation import OpTable

OPS = OpTable(
    (
        *tiles.OPS,
        *tunables.OPS,
        *memory.OPS,
        *atomics.OPS,
        *creation.OPS,
        *dot.OPS,
        *reductions.OPS,
        *views.OPS,
    )
)
