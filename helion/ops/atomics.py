"""Atomic updates of host tensors from device code: `hl.atomic_add` and its kin; each gives the values from before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

from helion.diagnostics.catalog.arguments import AtomicOnDeviceTensor, InvalidArgument
from helion.diagnostics.catalog.indexing import HostTensorUsedDirectly
from helion.diagnostics.catalog.shapes import ShapeMismatch
from helion.ops.contexts import EmitContext, TypingContext
from helion.ops.inside_kernel import only_inside_kernel
from helion.ops.operation import Op
from helion.ops.static_types import Index
from helion.types.dtypes import short_name
from helion.types.types import ConstantType, Region, SequenceType, Star, TensorType, Type, UnknownType

ORDERS = ("relaxed", "acquire", "release", "acq_rel")
RELAXED = ConstantType("relaxed")
_WIDE_INTEGERS = frozenset({torch.int32, torch.int64, torch.uint32, torch.uint64})
_BYTES = frozenset({torch.bool, torch.int8, torch.uint8})
_WIDE_FLOATS = frozenset({torch.float32, torch.float64})
_HALVES = frozenset({torch.float16, torch.bfloat16})


def atomic_add(target: torch.Tensor, index: Sequence[Index], value: torch.Tensor | float, sem: str = "relaxed") -> torch.Tensor:
    """Add `value` to `target[index]`, indivisibly with respect to other programs; the result is what was there before.

    `target` is a host tensor of int32, int64, float16, bfloat16, float32 or float64; `index` a list as for `hl.load`; `value` a scalar or
    a value that broadcasts to the indexed shape, cast to the target's dtype. Lanes outside the tile do nothing. `sem` is the memory
    order: "relaxed", "acquire", "release" or "acq_rel". Indices that occur twice are all added; float sums depend on the order.

    Example:
        >>> hl.atomic_add(total, [tile_n], x[tile_m, tile_n].sum(0))
    """
    only_inside_kernel("hl.atomic_add")


def atomic_max(target: torch.Tensor, index: Sequence[Index], value: torch.Tensor | float, sem: str = "relaxed") -> torch.Tensor:
    """Raise `target[index]` to `value` where it is smaller; the result is what was there before. Arguments as for `hl.atomic_add`.

    The target is int32, int64, float32 or float64.

    Example:
        >>> hl.atomic_max(column_max, [tile_n], x[tile_m, tile_n].amax(0))
    """
    only_inside_kernel("hl.atomic_max")


def atomic_min(target: torch.Tensor, index: Sequence[Index], value: torch.Tensor | float, sem: str = "relaxed") -> torch.Tensor:
    """Lower `target[index]` to `value` where it is larger; the result is what was there before. Arguments as for `hl.atomic_add`.

    The target is int32, int64, float32 or float64.

    Example:
        >>> hl.atomic_min(column_min, [tile_n], x[tile_m, tile_n].amin(0))
    """
    only_inside_kernel("hl.atomic_min")


def atomic_and(target: torch.Tensor, index: Sequence[Index], value: torch.Tensor | float, sem: str = "relaxed") -> torch.Tensor:
    """`target[index] &= value`, indivisibly; the result is what was there before. Arguments as for `hl.atomic_add`.

    The target is bool, int8, uint8, int32 or int64.

    Example:
        >>> hl.atomic_and(all_positive, [tile_n], (x[tile_m, tile_n] > 0).amin(0))
    """
    only_inside_kernel("hl.atomic_and")


def atomic_or(target: torch.Tensor, index: Sequence[Index], value: torch.Tensor | float, sem: str = "relaxed") -> torch.Tensor:
    """`target[index] |= value`, indivisibly; the result is what was there before. Arguments as for `hl.atomic_add`.

    The target is bool, int8, uint8, int32 or int64.

    Example:
        >>> hl.atomic_or(seen, [ids[tile]], True)
    """
    only_inside_kernel("hl.atomic_or")


def atomic_xor(target: torch.Tensor, index: Sequence[Index], value: torch.Tensor | float, sem: str = "relaxed") -> torch.Tensor:
    """`target[index] ^= value`, indivisibly; the result is what was there before. Arguments as for `hl.atomic_add`.

    The target is bool, int8, uint8, int32 or int64.

    Example:
        >>> hl.atomic_xor(checksum, [tile_n], bits[tile_m, tile_n].sum(0))
    """
    only_inside_kernel("hl.atomic_xor")


def atomic_xchg(target: torch.Tensor, index: Sequence[Index], value: torch.Tensor | float, sem: str = "relaxed") -> torch.Tensor:
    """Write `value` to `target[index]`; the result is what was there before, each value seen by one program. Arguments as for
    `hl.atomic_add`.

    The target is int32, int64, float32 or float64.

    Example:
        >>> before = hl.atomic_xchg(lock, [0], 1, sem="acq_rel")
    """
    only_inside_kernel("hl.atomic_xchg")


def atomic_cas(
    target: torch.Tensor, index: Sequence[Index], expected: torch.Tensor | float, value: torch.Tensor | float, sem: str = "relaxed"
) -> torch.Tensor:
    """Write `value` to `target[index]` where it holds `expected`, compared by its bits; the result is what was there before.

    `expected` and `value` are scalars or values that broadcast to the indexed shape; other arguments as for `hl.atomic_add`.
    The target is int16, int32, int64, float16, bfloat16, float32 or float64.

    Example:
        >>> before = hl.atomic_cas(lock, [0], 0, 1, sem="acquire")
    """
    only_inside_kernel("hl.atomic_cas")


def _infer(function: Callable[..., Any], dtypes: frozenset[torch.dtype]) -> Callable[..., Type]:
    """The rule of one atomic, for targets of these dtypes."""
    name = f"hl.{function.__name__}"

    def infer_atomic(ctx: TypingContext, target: Type, index: Type, value: Type, sem: Type = RELAXED) -> Type:
        return _previous_values(ctx, name, dtypes, target, index, {"value": value}, sem)

    return infer_atomic


def infer_atomic_cas(ctx: TypingContext, target: Type, index: Type, expected: Type, value: Type, sem: Type = RELAXED) -> Type:
    dtypes = _WIDE_INTEGERS | _WIDE_FLOATS | _HALVES | {torch.int16, torch.uint16}
    return _previous_values(ctx, "hl.atomic_cas", dtypes, target, index, {"expected": expected, "value": value}, sem)


def _previous_values(
    ctx: TypingContext, name: str, dtypes: frozenset[torch.dtype], target: Type, index: Type, operands: dict[str, Type], sem: Type
) -> Type:
    if sem not in tuple(ConstantType(order) for order in ORDERS) and not isinstance(sem, UnknownType):
        allowed = ", ".join(map(repr, ORDERS))
        return ctx.report(InvalidArgument(ctx.argument_span("sem"), name, f"`sem` is {sem}, allowed: {allowed}"))
    if isinstance(target, UnknownType) or isinstance(index, UnknownType):
        return UnknownType("the target or the index is not known")
    if not isinstance(target, TensorType) or target.region is Region.DEVICE:
        return ctx.report(AtomicOnDeviceTensor(ctx.argument_span("target"), name))
    if not isinstance(index, SequenceType):
        return ctx.report(InvalidArgument(ctx.argument_span("index"), name, f"the index must be a list, not {index}"))
    if target.dtype is not None and target.dtype not in dtypes:
        words = ", ".join(sorted(short_name(d) for d in dtypes))
        return ctx.report(InvalidArgument(ctx.argument_span("target"), name, f"{target} has no such atomic; it is there for {words}"))
    result = ctx.loaded_type(target, index)
    if isinstance(result, TensorType):
        for parameter, operand in operands.items():
            if not _fits(ctx, result, operand, parameter):
                return UnknownType("an operand does not fit")
    return result


def _fits(ctx: TypingContext, result: TensorType, operand: Type, parameter: str) -> bool:
    """Whether an operand broadcasts to the indexed shape; reported when it does not."""
    if not isinstance(operand, TensorType):
        return True
    if operand.region is Region.HOST:
        ctx.report(HostTensorUsedDirectly(ctx.argument_span(parameter), parameter))
        return False
    if any(isinstance(d, Star) for d in (*result.shape, *operand.shape)):
        return True
    joined = ctx.broadcast(result.shape, operand.shape)
    if joined is None or len(joined) != len(result.shape) or any(a != 1 and b == 1 for a, b in zip(joined, result.shape, strict=True)):
        ctx.report(ShapeMismatch(ctx.argument_span(parameter), str(result), str(operand)))
        return False
    return True


def _emit(function: Callable[..., Any]) -> Callable[..., str | None]:
    triton = f"tl.{function.__name__}"

    def emit_atomic(ctx: EmitContext, target: Any, index: Any, value: Any, sem: str = "relaxed") -> str | None:
        return ctx.atomic(triton, target, index, (value,), sem)

    return emit_atomic


def emit_atomic_cas(ctx: EmitContext, target: Any, index: Any, expected: Any, value: Any, sem: str = "relaxed") -> str | None:
    return ctx.atomic("tl.atomic_cas", target, index, (expected, value), sem)


def _run(update: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]) -> Callable[..., torch.Tensor]:
    def run_atomic(target: torch.Tensor, index: list[Any], value: Any, sem: str = "relaxed") -> torch.Tensor:
        return _run_in_order(target, index, (value,), update)

    return run_atomic


def run_atomic_cas(target: torch.Tensor, index: list[Any], expected: Any, value: Any, sem: str = "relaxed") -> torch.Tensor:
    def swap(before: torch.Tensor, wanted: torch.Tensor, new: torch.Tensor) -> torch.Tensor:
        return torch.where(_bits(before) == _bits(wanted), new, before)

    return _run_in_order(target, index, (expected, value), swap)


def _bits(x: torch.Tensor) -> torch.Tensor:
    return x.view({2: torch.int16, 4: torch.int32, 8: torch.int64}[x.dtype.itemsize])


def _run_in_order(target: torch.Tensor, index: list[Any], operands: tuple[Any, ...], update: Callable[..., torch.Tensor]) -> torch.Tensor:
    """One lane after another, in memory order of the lanes; lanes whose place occurs for the n-th time are updated together."""
    places = torch.arange(target.numel(), device=target.device).reshape(target.shape)[tuple(index)]
    # From here on subscripts are torch's own.
    with torch._C.DisableTorchFunction():  # pyright: ignore[reportPrivateUsage]  # torch has no public name for it
        values = [torch.as_tensor(o, device=target.device).to(target.dtype).expand(places.shape).reshape(-1) for o in operands]
        return _updated(target, places.reshape(-1), values, update).reshape(places.shape)


def _updated(target: torch.Tensor, places: torch.Tensor, values: list[torch.Tensor], update: Callable[..., torch.Tensor]) -> torch.Tensor:
    before = torch.empty_like(places, dtype=target.dtype)
    order = torch.argsort(places, stable=True)
    occurrence = torch.empty_like(order)
    occurrence[order] = torch.arange(len(order), device=order.device) - torch.searchsorted(places[order], places[order])
    for turn in range(int(occurrence.max()) + 1 if len(places) else 0):
        lanes = occurrence == turn
        where = torch.unravel_index(places[lanes], target.shape)
        before[lanes] = target[where].clone()
        target[where] = update(before[lanes], *(v[lanes] for v in values))
    return before


def _atomic(
    function: Callable[..., Any], dtypes: frozenset[torch.dtype], update: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
) -> Op:
    return Op(
        f"hl.{function.__name__}",
        function,
        Region.DEVICE,
        infer=_infer(function, dtypes),
        emit=_emit(function),
        run=_run(update),
        has_effect=True,
        keeps_position=True,
        takes_host_tensors=True,
        accesses="atomic",
    )


OPS = (
    _atomic(atomic_add, _WIDE_INTEGERS | _WIDE_FLOATS | _HALVES, torch.add),
    _atomic(atomic_max, _WIDE_INTEGERS | _WIDE_FLOATS, torch.maximum),
    _atomic(atomic_min, _WIDE_INTEGERS | _WIDE_FLOATS, torch.minimum),
    _atomic(atomic_and, _WIDE_INTEGERS | _BYTES, torch.bitwise_and),
    _atomic(atomic_or, _WIDE_INTEGERS | _BYTES, torch.bitwise_or),
    _atomic(atomic_xor, _WIDE_INTEGERS | _BYTES, torch.bitwise_xor),
    _atomic(atomic_xchg, _WIDE_INTEGERS | _WIDE_FLOATS, lambda before, value: value),
    Op(
        "hl.atomic_cas",
        atomic_cas,
        Region.DEVICE,
        infer=infer_atomic_cas,
        emit=emit_atomic_cas,
        run=run_atomic_cas,
        has_effect=True,
        keeps_position=True,
        takes_host_tensors=True,
        accesses="atomic",
    ),
)
