"""Loops over tiles and what a tile knows of itself: `hl.tile`, `hl.grid`, `tile.index`, `tile.begin`, ..."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter
from typing import Any, overload

import torch

from helion.diagnostics.catalog.tiles import InvalidTileRange, JaggedTileMisuse, StaticRangeNotConstant, TileMisuse, TileOfTile
from helion.ops.contexts import EmitContext, TypingContext
from helion.ops.inside_kernel import only_inside_kernel
from helion.ops.operation import Op
from helion.ops.static_types import Bound, Tile
from helion.types.dims import BlockSymbol, constant, dim
from helion.types.dtypes import triton_name
from helion.types.types import (
    Axis,
    BlockSizeType,
    ConstantType,
    NumberType,
    Region,
    SequenceType,
    Star,
    StarSequenceType,
    TensorType,
    TileType,
    Type,
    UnknownType,
)

NONE = ConstantType(None)


@overload
def tile(begin_or_end: Bound, end_or_none: Bound | None = None, /, block_size: int | None = None) -> Iterator[Tile]: ...
@overload
def tile(
    begin_or_end: Sequence[Bound], end_or_none: Sequence[Bound] | None = None, /, block_size: Sequence[int | None] | None = None
) -> Iterator[tuple[Tile, ...]]: ...
def tile(begin_or_end: Any, end_or_none: Any = None, /, block_size: Any = None) -> Any:
    """Loop over `[0, end)` or `[begin, end)` in tiles of a tuned size; lists of sizes give one tile per dimension.

    At the top level of a kernel the iterations run in parallel, one program each; nested, they run in order inside one program.
    The last tile may be partial: loads give 0 beyond the end, stores and reductions leave those lanes out.
    Bounds count elements: integers and sizes, in a nested loop also scalars of device code such as `tile_m.end`; a tile is none, and
    no loop ends before it begins. `block_size` sets a length instead of having it tuned: an integer, or what `hl.register_block_size`
    gives; in a list, None is tuned. The variable has `index`, `begin`, `end`, `id`, `count` and `block_size`.

    Example:
        >>> for tile_m, tile_n in hl.tile([m, n]):
        ...     out[tile_m, tile_n] = x[tile_m, tile_n] + 1
    """
    only_inside_kernel("hl.tile")


@overload
def grid(begin_or_end: Bound, end_or_none: Bound | None = None, /, step: int | None = None) -> Iterator[int]: ...
@overload
def grid(
    begin_or_end: Sequence[Bound], end_or_none: Sequence[Bound] | None = None, /, step: Sequence[int | None] | None = None
) -> Iterator[tuple[int, ...]]: ...
def grid(begin_or_end: Any, end_or_none: Any = None, /, step: Any = None) -> Any:
    """Loop over single indices: one program (or one iteration, when nested) for each; indexing with one drops the dimension.

    Bounds are those of `hl.tile`, and lists of them give one index per dimension. `step`, 1 unless told, is how far indices are apart.

    Example:
        >>> for batch in hl.grid(x.size(0)):
        ...     for tile_m in hl.tile(x.size(1)):
        ...         out[batch, tile_m] = x[batch, tile_m] * 2
    """
    only_inside_kernel("hl.grid")


def jagged_tile(parent: torch.Tensor) -> Iterator[Tile]:
    """Loop, inside a loop over tiles, over rows of different lengths: `parent` holds where each lane of the enclosing tiles ends.

    `parent` is a device value whose every dimension is an enclosing tile. Tiles cover `[0, max(parent))`; a load or store indexed by
    this tile together with the enclosing ones leaves out what lies at or past the lane's own end.

    Example:
        >>> for tile in hl.tile(lengths.size(0)):
        ...     for inner in hl.jagged_tile(lengths[tile]):
        ...         out[tile, inner] = x[tile, inner] * 2
    """
    only_inside_kernel("hl.jagged_tile")


def iterate_jagged_tile(ctx: TypingContext, parent: Type) -> Type:
    if isinstance(parent, UnknownType):
        return UnknownType("the rows' lengths are not known")
    if ctx.region is Region.HOST:
        return ctx.report(JaggedTileMisuse(ctx.span, "it must stand inside a loop over tiles"))
    if not isinstance(parent, TensorType) or parent.region is Region.HOST or parent.rank is None or not parent.dims:
        return ctx.report(JaggedTileMisuse(ctx.argument_span("parent"), f"it needs a device value with one end a lane, not {parent}"))
    if parent.dtype is not None and (parent.dtype.is_floating_point or parent.dtype == torch.bool):
        return ctx.report(JaggedTileMisuse(ctx.argument_span("parent"), f"ends are integers, not {parent}"))
    outside = [size for size in parent.dims if not isinstance(size, BlockSymbol)]
    if outside:
        return ctx.report(
            JaggedTileMisuse(ctx.argument_span("parent"), f"every dimension must be an enclosing tile, and {outside[0]} is not")
        )
    axis = ctx.new_axis(begin=None, end=NumberType(int, None, Region.DEVICE), block_size=None, is_tile=True, lanes=parent.dims)
    return TileType(axis)


def static_range(begin_or_end: int, end_or_none: int | None = None, /, step: int = 1) -> range:
    """Loop over constant integers, unrolled when the kernel is compiled: the index is a compile-time int, which may index a tuple.

    Bounds and step are literals, `hl.constexpr` parameters, sizes, and what Python computes from these on the host, such as
    `int(math.log2(n))`; with `static_shapes=False` only those sizes that `hl.specialize` makes constant. At most 1,024 rounds.

    Example:
        >>> for i in hl.static_range(len(xs)):
        ...     v += xs[i][tile]
    """
    only_inside_kernel("hl.static_range")


_MAX_UNROLLED = 1024
_MOST_INDEX = 2**63


def infer_static_range(ctx: TypingContext, begin_or_end: Type, end_or_none: Type = NONE, step: Type = NONE) -> Type:
    """The integers of the range, each a constant."""
    given = [bound for bound in (begin_or_end, end_or_none, step) if bound != NONE]
    if any(isinstance(bound, UnknownType) for bound in given):
        return UnknownType("the loop's bounds are not known")
    names = ("begin_or_end", "end_or_none", "step")
    bounds: list[int] = []
    for name, bound in zip(names, (begin_or_end, end_or_none, step), strict=True):
        if bound == NONE:
            continue
        value = constant(bound.as_dim) if isinstance(bound, NumberType) else None
        if value is None and isinstance(bound, NumberType) and bound.kind is int and ctx.is_baked(bound):
            ctx.bake(bound)
            return StarSequenceType(Star("range"), NumberType(int))
        if value is None:
            return ctx.report(StaticRangeNotConstant(ctx.argument_span(name), str(bound)))
        bounds.append(value)
    stride = bounds.pop() if step != NONE else 1
    if stride == 0:
        return ctx.report(TileMisuse(ctx.argument_span("step"), "the step must not be 0"))
    values = range(bounds[0], bounds[1], stride) if len(bounds) == 2 else range(0, bounds[0], stride)
    if len(values) > _MAX_UNROLLED:
        return ctx.report(TileMisuse(ctx.span, f"unrolling stops at {_MAX_UNROLLED} rounds, not {len(values)}: use `hl.grid`"))
    return SequenceType(tuple(NumberType(int, dim(value)) for value in values))


def run_static_range(begin_or_end: int, end_or_none: int | None = None, /, step: int = 1) -> range:
    return range(0, begin_or_end, step) if end_or_none is None else range(begin_or_end, end_or_none, step)


def _iterate(ctx: TypingContext, begin_or_end: Type, end_or_none: Type, block_size: Type, *, is_tile: bool) -> Type:
    begin, end = (None, begin_or_end) if end_or_none == NONE else (begin_or_end, end_or_none)
    if isinstance(begin, UnknownType) or isinstance(end, UnknownType):
        return UnknownType("the loop's bounds are not known")
    if isinstance(end, StarSequenceType):
        axis = ctx.new_axis(begin=None, end=NumberType(int), block_size=None, is_tile=is_tile)
        item = TileType(axis) if is_tile else NumberType(int, None, Region.DEVICE)
        return StarSequenceType(end.star, item)
    if not isinstance(end, SequenceType):
        return _one(ctx, begin, end, block_size, is_tile=is_tile)
    count = len(end.items)
    if count == 0:
        return ctx.report(TileMisuse(ctx.argument_span("begin_or_end"), "there is no dimension to loop over: the list of sizes is empty"))
    begins = _spread(ctx, begin, count, "begin_or_end")
    steps = _spread(ctx, None if block_size == NONE else block_size, count, "block_size")
    if begins is None or steps is None:
        return UnknownType("the loop's bounds do not match")
    items = tuple(_one(ctx, b, e, s, is_tile=is_tile) for b, e, s in zip(begins, end.items, steps, strict=True))
    return SequenceType(items)


def _spread(ctx: TypingContext, value: Type | None, count: int, argument: str) -> tuple[Type | None, ...] | None:
    if value is None:
        return (None,) * count
    if isinstance(value, SequenceType) and len(value.items) == count:
        return value.items
    ctx.report(TileMisuse(ctx.argument_span(argument), f"{argument} must be a list of {count}, as the end is"))
    return None


def _one(ctx: TypingContext, begin: Type | None, end: Type, block_size: Type | None, *, is_tile: bool) -> Type:
    for bound in (begin, end):
        if isinstance(bound, TileType):
            return ctx.report(TileOfTile(ctx.span, str(bound.axis.name)))
        if not isinstance(bound, NumberType | TensorType | BlockSizeType | UnknownType | None):
            return ctx.report(TileMisuse(ctx.span, f"a loop's bound must be an integer, not {bound}"))
        if _is_no_integer(bound):
            return ctx.report(TileMisuse(ctx.span, f"a loop's bound must be one integer, not {bound}"))
    low = constant(begin.as_dim) if isinstance(begin, NumberType) and begin.kind is int else 0
    high = constant(end.as_dim) if isinstance(end, NumberType) else None
    step = constant(block_size.as_dim) if isinstance(block_size, NumberType) else 1
    if step == 0 and not is_tile:
        return ctx.report(TileMisuse(ctx.span, "the step must not be 0"))
    if any(bound is not None and not -_MOST_INDEX <= bound < _MOST_INDEX for bound in (low, high, step)):
        return ctx.report(TileMisuse(ctx.span, "a loop's bounds must fit in 64 bits"))
    is_down = not is_tile and step is not None and step < 0
    if low is not None and high is not None and low > high and not is_down:
        return ctx.report(InvalidTileRange(ctx.span, low, high))
    axis = ctx.new_axis(begin=begin, end=end, block_size=None if block_size == NONE else block_size, is_tile=is_tile)
    return TileType(axis) if is_tile else NumberType(int, None, Region.DEVICE)


def _is_no_integer(bound: Type | None) -> bool:
    """A float, a tensor of floats, or more elements than one."""
    if isinstance(bound, NumberType):
        return bound.kind is float
    if not isinstance(bound, TensorType):
        return False
    is_float = bound.dtype is not None and bound.dtype.is_floating_point
    return is_float or any(not isinstance(size, Star) and size != 1 for size in bound.shape)


def iterate_tile(ctx: TypingContext, begin_or_end: Type, end_or_none: Type = NONE, block_size: Type = NONE) -> Type:
    return _iterate(ctx, begin_or_end, end_or_none, block_size, is_tile=True)


def iterate_grid(ctx: TypingContext, begin_or_end: Type, end_or_none: Type = NONE, step: Type = NONE) -> Type:
    return _iterate(ctx, begin_or_end, end_or_none, step, is_tile=False)


def _axis_of(ctx: TypingContext, tile: Type) -> Axis | None:
    if isinstance(tile, TileType):
        return tile.axis
    if not isinstance(tile, UnknownType):
        ctx.report(TileMisuse(ctx.span, f"a tile is needed here, not {tile}"))
    return None


def tile_index(tile: Tile) -> torch.Tensor:
    """The indices of a tile's lanes: `[begin, begin + 1, ...]`, an integer vector of the block size's length; not clamped at the end.

    Example:
        >>> causal = tile_m.index[:, None] >= tile_n.index[None, :]
    """
    only_inside_kernel("hl.tile_index")


def infer_tile_index(ctx: TypingContext, tile: Type) -> Type:
    axis = _axis_of(ctx, tile)
    if axis is None or axis.block is None:
        return UnknownType("not a tile")
    return TensorType((axis.block.symbol,), ctx.index_dtype, Region.DEVICE)


def emit_tile_index(ctx: EmitContext, tile: Axis) -> str:
    """The vector of a tile of one lane is the loop's variable, which may be a Python integer, as Triton's interpreter has it."""
    names, result = ctx.axis(tile), ctx.result_type
    return names.index if names.index != names.offset else f"tl.cast({names.index}, {triton_name(result.dtype)})"


def _scalar_attribute(
    name: str, doc: str, emit: Callable[[EmitContext, Axis], str]
) -> tuple[Callable[[Tile], int], Callable[[TypingContext, Type], Type], Callable[[EmitContext, Axis], str]]:
    def stub(tile: Tile) -> int:
        only_inside_kernel(f"hl.{name}")

    def infer(ctx: TypingContext, tile: Type) -> Type:
        axis = _axis_of(ctx, tile)
        if axis is None:
            return UnknownType("not a tile")
        begin = constant(axis.begin)
        return NumberType(int, None, Region.DEVICE, most=axis.end, least=0 if begin is not None and begin >= 0 else None)

    stub.__name__ = stub.__qualname__ = name
    stub.__doc__ = doc
    infer.__name__, emit.__name__ = f"infer_{name}", f"emit_{name}"
    return stub, infer, emit


tile_begin, infer_tile_begin, emit_tile_begin = _scalar_attribute(
    "tile_begin", "The first index of a tile, a scalar.", lambda ctx, tile: ctx.axis(tile).offset
)
tile_end, infer_tile_end, emit_tile_end = _scalar_attribute(
    "tile_end",
    "One past the last index of a tile that lies inside the loop, a scalar: `min(begin + block_size, loop's end)`.",
    lambda ctx, tile: f"tl.minimum({ctx.axis(tile).offset} + {ctx.axis(tile).block_size}, {ctx.axis(tile).end})",
)
tile_id, infer_tile_id, emit_tile_id = _scalar_attribute(
    "tile_id", "Which tile this is: `begin // block_size`.", lambda ctx, tile: f"{ctx.axis(tile).offset} // {ctx.axis(tile).block_size}"
)
tile_count, infer_tile_count, emit_tile_count = _scalar_attribute(
    "tile_count",
    "How many tiles the loop has: `cdiv(end - begin, block_size)`.",
    lambda ctx, tile: f"tl.cdiv({ctx.axis(tile).end} - {ctx.axis(tile).begin}, {ctx.axis(tile).block_size})",
)


def tile_block_size(tile: Tile) -> int:
    """The length of a tile: constant within a config, usable as a size."""
    only_inside_kernel("hl.tile_block_size")


def infer_tile_block_size(ctx: TypingContext, tile: Type) -> Type:
    axis = _axis_of(ctx, tile)
    if axis is None:
        return UnknownType("not a tile")
    return NumberType(int, dim(1)) if axis.block is None else NumberType(int, axis.block.symbol)


OPS = (
    Op("hl.tile", tile, iterates=iterate_tile),
    Op("hl.grid", grid, iterates=iterate_grid),
    Op("hl.jagged_tile", jagged_tile, iterates=iterate_jagged_tile),
    Op("hl.static_range", static_range, Region.DEVICE, infer=infer_static_range, run=run_static_range),
    Op(
        "hl.tile_index",
        tile_index,
        Region.DEVICE,
        tile_attribute="index",
        infer=infer_tile_index,
        emit=emit_tile_index,
        run=attrgetter("index"),
    ),
    Op(
        "hl.tile_begin",
        tile_begin,
        Region.DEVICE,
        tile_attribute="begin",
        infer=infer_tile_begin,
        emit=emit_tile_begin,
        run=attrgetter("begin"),
    ),
    Op("hl.tile_end", tile_end, Region.DEVICE, tile_attribute="end", infer=infer_tile_end, emit=emit_tile_end, run=attrgetter("end")),
    Op("hl.tile_id", tile_id, Region.DEVICE, tile_attribute="id", infer=infer_tile_id, emit=emit_tile_id, run=attrgetter("id")),
    Op(
        "hl.tile_count",
        tile_count,
        Region.DEVICE,
        tile_attribute="count",
        infer=infer_tile_count,
        emit=emit_tile_count,
        run=attrgetter("count"),
    ),
    Op(
        "hl.tile_block_size",
        tile_block_size,
        Region.DEVICE,
        tile_attribute="block_size",
        infer=infer_tile_block_size,
        run=attrgetter("block_size"),
    ),
)
