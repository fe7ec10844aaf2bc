"""Numbers a config decides (`hl.register_block_size`, `hl.register_tunable`) and values a specialization bakes in (`hl.specialize`,
`hl.constexpr`)."""

from __future__ import annotations

from typing import Any, NamedTuple

from helion.diagnostics.catalog.tiles import TileMisuse
from helion.diagnostics.catalog.tunables import RegisterTunableArguments, TunableTypeNotSupported
from helion.ops.contexts import TypingContext
from helion.ops.inside_kernel import only_inside_kernel
from helion.ops.operation import Op
from helion.ops.static_types import T, TunableValue
from helion.types.dims import constant
from helion.types.types import BlockSizeType, ConstantType, NumberType, Region, TunableType, Type, UnknownType

NONE = ConstantType(None)


class constexpr(NamedTuple):  # noqa: N801 - public name of the language
    """A value baked into the kernel: an annotation of a parameter (`causal: hl.constexpr`) or a wrapper at the call."""

    value: Any

    def __index__(self) -> int:
        return int(self.value)

    def __bool__(self) -> bool:
        return bool(self.value)


def register_block_size(min_or_max: int, max_or_none: int | None = None, /) -> int:
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
        minimum = constant(low.as_dim) if isinstance(low, NumberType) else None
        if minimum is None or minimum < 1 or minimum & (minimum - 1):
            return ctx.report(TileMisuse(ctx.span, "the smallest block size must be a constant power of two"))
    if isinstance(high, UnknownType):
        return BlockSizeType(ctx.new_block(minimum=minimum, extent=None))
    if not isinstance(high, NumberType) or high.kind is not int:
        return ctx.report(TileMisuse(ctx.span, f"the largest block size must be an integer, not {high}"))
    most = constant(high.as_dim)
    if most is not None and most < 0:  # of nothing, and of less than the smallest block, there is one block
        return ctx.report(TileMisuse(ctx.span, f"the largest block size is {most}"))
    return BlockSizeType(ctx.new_block(minimum=minimum, extent=high.as_dim))


def specialize(value: T) -> T:
    """Make a size (or a tuple of sizes, or an int argument) a constant of the kernel; a new value compiles a new kernel.

    Example:
        >>> head_dim = hl.specialize(q.size(-1))
    """
    only_inside_kernel("hl.specialize")


def infer_specialize(ctx: TypingContext, value: Type) -> Type:
    return ctx.specialize(value)


def register_tunable(name: str, fragment: TunableValue[T]) -> T:
    """A number that the config decides under the key `name`: an int, a float or a bool, as the fragment's values are.

    `name` is a literal and no key of a built-in knob; `fragment` is one of `helion.autotuner`, made of literals. An int may be a block
    size or part of host arithmetic; on the device every tunable is a compile-time constant. In reference mode it is the config's
    value, else the fragment's default.

    Example:
        >>> split_k = hl.register_tunable("split_k", PowerOfTwoFragment(1, 256))
        >>> block_k = helion.next_power_of_2(helion.cdiv(k, split_k))
        >>> for tile_m, outer_k in hl.tile([m, k], block_size=[None, block_k]): ...
    """
    only_inside_kernel("hl.register_tunable")


def infer_register_tunable(ctx: TypingContext, name: Type, fragment: Type) -> Type:
    if isinstance(name, UnknownType) or isinstance(fragment, UnknownType):
        return UnknownType("the tunable's name or fragment is not known")
    if not isinstance(name, ConstantType) or not isinstance(name.value, str):
        return ctx.report(RegisterTunableArguments(ctx.argument_span("name"), f"a tunable's name must be a literal string, not {name}"))
    if not isinstance(fragment, ConstantType) or not hasattr(fragment.value, "pattern_neighbors"):
        where = ctx.argument_span("fragment")
        return ctx.report(RegisterTunableArguments(where, f"the second argument must be a fragment made here, not {fragment}"))
    kind = _kind_of(fragment.value)
    if kind is None:
        return ctx.report(TunableTypeNotSupported(ctx.argument_span("fragment"), str(fragment.value)))
    tunable = ctx.new_tunable(name.value, fragment.value, kind)
    return NumberType(int, tunable.symbol) if kind is int else TunableType(tunable)


def _kind_of(fragment: Any) -> type[int | float | bool] | None:
    """What the values of a fragment are; ints among floats are floats. None when they are not numbers of one kind."""
    kinds: set[Any] = {type(value) for value in fragment.choices()}
    if kinds == {int, float}:
        return float
    return kinds.pop() if len(kinds) == 1 and kinds <= {int, float, bool} else None


def run_register_tunable(name: str, fragment: Any) -> Any:
    return fragment.default()


def run_register_block_size(min_or_max: int, max_or_none: int | None = None, /) -> int:
    return max(1, min_or_max if max_or_none is None else max_or_none)


def run_specialize(value: Any) -> Any:
    return value


OPS = (
    Op(
        "hl.register_block_size",
        register_block_size,
        Region.HOST,
        infer=infer_register_block_size,
        run=run_register_block_size,
    ),
    Op("hl.register_tunable", register_tunable, Region.HOST, infer=infer_register_tunable, run=run_register_tunable),
    Op("hl.specialize", specialize, Region.HOST, infer=infer_specialize, run=run_specialize),
)
