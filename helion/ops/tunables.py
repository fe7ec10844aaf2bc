"""Sizes a config decides and values a specialization bakes in: `hl.register_block_size`, `hl.specialize`, `hl.constexpr`."""

from __future__ import annotations

from typing import Any, NamedTuple

from helion.diagnostics.catalog.tiles import TileMisuse
from helion.ops.contexts import TypingContext
from helion.ops.inside_kernel import only_inside_kernel
from helion.ops.operation import Op
from helion.types.dims import constant
from helion.types.types import BlockSizeType, ConstantType, NumberType, Region, Type, UnknownType

NONE = ConstantType(None)


class constexpr(NamedTuple):  # noqa: N801 - public name of the language
    """A value baked into the kernel: an annotation of a parameter (`causal: hl.constexpr`) or a wrapper at the call."""

    value: Any

    def __index__(self) -> int:
        return int(self.value)

    def __bool__(self) -> bool:
        return bool(self.value)


def register_block_size(min_or_max: Any, max_or_none: Any = None, /) -> int:
    """One tuned block size that several loops and allocations share; at most the given size (rounded up to a power of two).

    Example:
        >>> block = hl.register_block_size(n)
        >>> for tile in hl.tile(n, block_size=block): ...
    """
    only_inside_kernel("hl.register_block_size")


def infer_register_block_size(ctx: TypingContext, min_or_max: Type, max_or_none: Type = NONE) -> Type:
    low, high = (None, min_or_max) if max_or_none == NONE else (min_or_max, max_or_none)
    minimum = 1
    if low is not None:
        minimum = constant(low.value) if isinstance(low, NumberType) and low.kind is int else None  # type: ignore[arg-type]
        if minimum is None or minimum < 1 or minimum & (minimum - 1):
            return ctx.report(TileMisuse(ctx.span, "the smallest block size must be a constant power of two"))
    if isinstance(high, UnknownType):
        return BlockSizeType(ctx.new_block(minimum=minimum, extent=None))
    if not isinstance(high, NumberType) or high.kind is not int:
        return ctx.report(TileMisuse(ctx.span, f"the largest block size must be an integer, not {high}"))
    return BlockSizeType(ctx.new_block(minimum=minimum, extent=high.value))  # type: ignore[arg-type]


def specialize(value: Any) -> Any:
    """Make a size (or a tuple of sizes, or an int argument) a constant of the kernel; a new value compiles a new kernel.

    Example:
        >>> head_dim = hl.specialize(q.size(-1))
    """
    only_inside_kernel("hl.specialize")


def infer_specialize(ctx: TypingContext, value: Type) -> Type:
    return ctx.specialize(value)


def run_register_block_size(min_or_max: int, max_or_none: int | None = None, /) -> int:
    return min_or_max if max_or_none is None else max_or_none


OPS = (
    Op(
        "hl.register_block_size",
        register_block_size,
        Region.HOST,
        infer=infer_register_block_size,
        run=run_register_block_size,
    ),
    Op("hl.specialize", specialize, Region.HOST, infer=infer_specialize, run=lambda value: value),
)
