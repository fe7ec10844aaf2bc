"""The explicit list of every operation: adding an op adds a line here and nowhere registers itself."""

from __future__ import annotations

from helion.ops import (
    atomics,
    barriers,
    contractions,
    creation,
    debugging,
    dot,
    dot_scaled,
    folds,
    inline_assembly,
    inline_triton,
    memory,
    packed_floats,
    pairs,
    picking,
    random,
    reductions,
    scans,
    scattering,
    searching,
    sorting,
    stack_tensors,
    tiles,
    tunables,
    views,
)
from helion.ops.operation import OpTable

OPS = OpTable(
    (
        *tiles.OPS,
        *tunables.OPS,
        *barriers.OPS,
        *memory.OPS,
        *packed_floats.OPS,
        *atomics.OPS,
        *creation.OPS,
        *dot.OPS,
        *dot_scaled.OPS,
        *contractions.OPS,
        *reductions.OPS,
        *folds.OPS,
        *scans.OPS,
        *random.OPS,
        *sorting.OPS,
        *searching.OPS,
        *picking.OPS,
        *scattering.OPS,
        *views.OPS,
        *pairs.OPS,
        *debugging.OPS,
        *stack_tensors.OPS,
        *inline_assembly.OPS,
        *inline_triton.OPS,
    )
)
