"""Random numbers on the device: `hl.rand`, `hl.randint`, `hl.rand4x` from a seed given, `torch.rand` and its kin from torch's generator."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

from helion.diagnostics.catalog.arguments import InvalidArgument
from helion.ops.contexts import EmitContext, TypingContext
from helion.ops.inside_kernel import only_inside_kernel
from helion.ops.operation import Op
from helion.ops.philox import as_uniform, philox
from helion.ops.shapes import shape_of
from helion.types.dims import constant
from helion.types.types import ConstantType, NumberType, Region, SequenceType, Star, TensorType, Type, UnknownType

_aten = torch.ops.aten
NONE = ConstantType(None)


def rand(
    shape: Sequence[int], seed: int | torch.Tensor, device: torch.device | None = None, offsets: torch.Tensor | None = None
) -> torch.Tensor:
    """Random float32 in [0, 1), by Philox: a function of the seed and of each element's place, not of block sizes.

    `shape` lists tiles, block sizes and constants as for `hl.zeros`; an element's place is its index in the whole extents that the tiles
    run over. `seed` is an integer, or an int64 tensor of one element; torch's generator plays no part. `offsets`, an integer value, gives
    the places itself, and the result has its shape. Reference mode, Triton's interpreter and GPUs give the same bits.

    Example:
        >>> keep = hl.rand([tile_m, tile_n], seed) > dropout
    """
    only_inside_kernel("hl.rand")


def randint(shape: Sequence[int], low: int, high: int, seed: int | torch.Tensor, device: torch.device | None = None) -> torch.Tensor:
    """Random int32 in [low, high), by Philox: a function of the seed and of each element's place; `shape` and `seed` as for `hl.rand`.

    Example:
        >>> bucket = hl.randint([tile], 0, 16, seed)
    """
    only_inside_kernel("hl.randint")


def rand4x(
    seed: int | torch.Tensor, offsets: torch.Tensor, device: torch.device | None = None
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Four values of random float32 in [0, 1) from one round of Philox; `seed` and `offsets` as for `hl.rand`.

    Example:
        >>> a, b, c, d = hl.rand4x(seed, tile.index)
    """
    only_inside_kernel("hl.rand4x")


# -- types ----------------------------------------------------------------------------------------------------------


def _is_seed(ctx: TypingContext, name: str, seed: Type) -> bool:
    """Whether a seed is an integer, or may be a tensor of one; reported when it is not."""
    match seed:
        case NumberType(kind=kind) if kind is int:
            return True
        case TensorType(shape=shape, dtype=dtype):
            is_one = all(isinstance(d, Star) or constant(d) in (1, None) for d in shape)
            is_integer = dtype is None or not (dtype.is_floating_point or dtype == torch.bool)
            if is_one and is_integer:
                return True
        case UnknownType():
            return False
        case _:
            pass
    ctx.report(InvalidArgument(ctx.argument_span("seed"), name, f"the seed must be an integer or a tensor of one, not {seed}"))
    return False


def _offsets_type(ctx: TypingContext, name: str, offsets: Type) -> TensorType | None:
    if (
        isinstance(offsets, TensorType)
        and offsets.region is Region.DEVICE
        and (offsets.dtype is None or not offsets.dtype.is_floating_point)
    ):
        return TensorType(offsets.shape, torch.float32, Region.DEVICE)
    if not isinstance(offsets, UnknownType):
        ctx.report(InvalidArgument(ctx.argument_span("offsets"), name, f"the offsets must be integers on the device, not {offsets}"))
    return None


def infer_rand(ctx: TypingContext, shape: Type, seed: Type, device: Type = NONE, offsets: Type = NONE) -> Type:
    if not _is_seed(ctx, "hl.rand", seed):
        return UnknownType("the seed is not known")
    if offsets != NONE:
        return _offsets_type(ctx, "hl.rand", offsets) or UnknownType("the offsets are not known")
    dims = shape_of(ctx, shape)
    return UnknownType("the shape is not known") if dims is None else TensorType(dims, torch.float32, Region.DEVICE)


def infer_randint(ctx: TypingContext, shape: Type, low: Type, high: Type, seed: Type, device: Type = NONE) -> Type:
    known = [_integer(ctx, name, bound) for name, bound in (("low", low), ("high", high))]
    if not all(known) or not _is_seed(ctx, "hl.randint", seed):
        return UnknownType("a bound or the seed is not known")
    values = [constant(bound.as_dim) for bound in (low, high) if isinstance(bound, NumberType)]
    if len(values) == 2 and values[0] is not None and values[1] is not None and not values[0] < values[1] <= values[0] + 2**32:
        return ctx.report(InvalidArgument(ctx.argument_span("high"), "hl.randint", f"there is no int32 in [{values[0]}, {values[1]})"))
    dims = shape_of(ctx, shape)
    return UnknownType("the shape is not known") if dims is None else TensorType(dims, torch.int32, Region.DEVICE)


def _integer(ctx: TypingContext, name: str, bound: Type) -> bool:
    if isinstance(bound, NumberType) and bound.kind is int:
        return True
    if not isinstance(bound, UnknownType):
        ctx.report(InvalidArgument(ctx.argument_span(name), "hl.randint", f"`{name}` must be an integer, not {bound}"))
    return False


def infer_rand4x(ctx: TypingContext, seed: Type, offsets: Type, device: Type = NONE) -> Type:
    result = _offsets_type(ctx, "hl.rand4x", offsets)
    if result is None or not _is_seed(ctx, "hl.rand4x", seed):
        return UnknownType("the seed or the offsets are not known")
    return SequenceType((result,) * 4)


# -- code -----------------------------------------------------------------------------------------------------------


def _seed_text(ctx: EmitContext, seed: Any) -> str:
    type_ = ctx.type_of(seed)
    return ctx.first_element(seed) if isinstance(type_, TensorType) and type_.region is Region.HOST else ctx.text(seed)


def _offsets_text(ctx: EmitContext, offsets: Any) -> str:
    type_ = ctx.type_of(offsets)
    assert isinstance(type_, TensorType) and type_.dtype is not None
    return ctx.cast(ctx.text(offsets), type_.dtype, type_.dtype if type_.dtype.itemsize >= 4 else torch.int32)


def emit_rand(ctx: EmitContext, shape: Any, seed: Any, device: Any = None, offsets: Any = None) -> str:
    places = ctx.counter(ctx.result_type.dims, across_loops=False) if offsets is None else _offsets_text(ctx, offsets)
    return f"tl.rand({_seed_text(ctx, seed)}, {places})"


def emit_randint(ctx: EmitContext, shape: Any, low: Any, high: Any, seed: Any, device: Any = None) -> str:
    bits = f"tl.randint({_seed_text(ctx, seed)}, {ctx.counter(ctx.result_type.dims, across_loops=False)})"
    if isinstance(low, int) and isinstance(high, int):
        count = f"tl.full([], {high - low}, tl.uint32)" if high - low < 2**32 else None
    else:
        count = f"tl.cast({ctx.text(high)} - {ctx.text(low)}, tl.uint32)"
    scaled = bits if count is None else f"tl.umulhi({bits}, {count})"
    return f"({scaled}).to(tl.int32, bitcast=True) + {ctx.text(low)}"


def emit_rand4x(ctx: EmitContext, seed: Any, offsets: Any, device: Any = None) -> tuple[str, ...]:
    drawn = ctx.temporary("drawn", f"tl.rand4x({_seed_text(ctx, seed)}, {_offsets_text(ctx, offsets)})")
    return tuple(f"{drawn}[{i}]" for i in range(4))


def _emit_from_generator(function: str) -> Callable[..., str]:
    """A torch factory: a seed that torch draws for each launch, and places that no two elements of a launch share."""

    def emit_random(ctx: EmitContext, *args: Any, **options: Any) -> str:
        places = ctx.counter(ctx.result_type.dims, across_loops=True)
        return ctx.cast(f"{function}({ctx.launch_seed()}, {places})", torch.float32, ctx.result_type.dtype)

    return emit_random


# -- reference ------------------------------------------------------------------------------------------------------


def _places(shape: Any, device: torch.device | None) -> torch.Tensor:
    """Each element's number in the whole extents of the tiles."""
    total = torch.zeros((), dtype=torch.int64, device=device)
    for size in shape:
        whole = getattr(size, "limit", None)
        index = torch.arange(int(size), device=device) if whole is None else size.index.to(torch.int64)
        total = total.unsqueeze(-1) * (int(size) if whole is None else whole) + index
    return total


def run_rand(shape: Any, seed: Any, device: Any = None, offsets: Any = None) -> torch.Tensor:
    places = _places(shape, device) if offsets is None else offsets
    return as_uniform(philox(int(seed), places)[0])


def run_randint(shape: Any, low: int, high: int, seed: Any, device: Any = None) -> torch.Tensor:
    bits = philox(int(seed), _places(shape, device))[0]
    count = high - low
    # The high half of a product of 32 bits with 32, by halves so that no product passes 63 bits.
    scaled = (bits * (count >> 16) + ((bits * (count & 0xFFFF)) >> 16)) >> 16
    return (scaled + low).to(torch.int32)


def run_rand4x(seed: Any, offsets: torch.Tensor, device: Any = None) -> tuple[torch.Tensor, ...]:
    return tuple(as_uniform(bits) for bits in philox(int(seed), offsets))


def _from_generator(name: str, function: str, *targets: Any) -> tuple[Op, ...]:
    emit = _emit_from_generator(function)
    return tuple(Op(f"{name} ({i})" if i else name, target, emit=emit, keeps_position=True, draws=True) for i, target in enumerate(targets))


def rewrite_bernoulli(x: torch.Tensor, p: Any = None, *, generator: Any = None) -> torch.Tensor:
    """Ones where a uniform number is below the probability: `p`, or the value itself."""
    return (torch.rand_like(x, dtype=torch.float32) < (x if p is None else p)).to(x.dtype)


OPS = (
    Op("hl.rand", rand, Region.DEVICE, infer=infer_rand, emit=emit_rand, run=run_rand, keeps_position=True, takes_host_tensors=True),
    Op(
        "hl.randint",
        randint,
        Region.DEVICE,
        infer=infer_randint,
        emit=emit_randint,
        run=run_randint,
        keeps_position=True,
        takes_host_tensors=True,
    ),
    Op(
        "hl.rand4x",
        rand4x,
        Region.DEVICE,
        infer=infer_rand4x,
        emit=emit_rand4x,
        run=run_rand4x,
        keeps_position=True,
        takes_host_tensors=True,
    ),
    Op(
        "torch.bernoulli",
        _aten.bernoulli.default,
        aliases=(_aten.bernoulli.p,),
        rewrite=rewrite_bernoulli,
        run=_aten.bernoulli.default,
    ),
    *_from_generator("torch.rand", "tl.rand", _aten.rand.default, _aten.rand_like.default),
    *_from_generator("torch.randn", "tl.randn", _aten.randn.default, _aten.randn_like.default),
)
