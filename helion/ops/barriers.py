"""`hl.barrier`: what comes after it may read what any program wrote before it."""

from __future__ import annotations

from helion.ops.contexts import TypingContext
from helion.ops.inside_kernel import only_inside_kernel
from helion.ops.operation import Op
from helion.types.types import ConstantType, Region, Type


def barrier() -> None:
    """Wait, between two top-level loops, until every program has finished the loops above: the loops below may use their results.

    All loops still are one launch, whose programs stay on the device together: `pid_type` is `persistent_blocked`.

    Example:
        >>> for tile in hl.tile(n):
        ...     partial[tile] = x[tile] * 2
        >>> hl.barrier()
        >>> for tile in hl.tile(n):
        ...     out[tile] = partial[tile] + 1
    """
    only_inside_kernel("hl.barrier")


def infer_barrier(ctx: TypingContext) -> Type:
    return ConstantType(None)


def run_barrier() -> None:
    """Loops run one after the other in reference mode."""


OPS = (Op("hl.barrier", barrier, Region.HOST, infer=infer_barrier, run=run_barrier, separates_loops=True),)
