"""Scans of device values: every prefix combined, by a function of the user's, or summed, or multiplied."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch._higher_order_ops.associative_scan import associative_scan as torch_associative_scan

from helion.ops.combining import Choices, as_values, called_on_tuples, combined_tensors, parameter_choices, position_of
from helion.ops.contexts import EmitContext, TypingContext
from helion.ops.inside_kernel import only_inside_kernel
from helion.ops.operation import Op
from helion.ops.static_types import Tensors
from helion.types.types import ConstantType, NumberType, Region, SequenceType, TensorType, Type, UnknownType

_aten = torch.ops.aten
FALSE = NumberType(bool, False)
NONE = ConstantType(None)


def associative_scan(combine_fn: Callable[..., Any], input_tensor: Tensors, dim: int, reverse: bool = False) -> Tensors:
    """Combine every prefix of a value along `dim`: element i of the result is elements 0 to i combined in order.

    `input_tensor` is a device value or a tuple of values of one shape; the result has the same shapes and dtypes. `combine_fn(left, right)`
    combines two elements and must be associative; for a tuple it takes two tuples `(left, right)`, or the elements one by one
    `(left_0, left_1, right_0, right_1)`, and gives a tuple. It may be a lambda, a function, a torch function or a kernel, and computes
    from its parameters and constants only. `reverse` combines suffixes, from the last element. Lanes outside the tile take no part.

    Example:
        >>> running_max = hl.associative_scan(torch.maximum, x[tile_m, :], dim=1)
    """
    only_inside_kernel("hl.associative_scan")


def cumsum(x: torch.Tensor, dim: int, reverse: bool = False) -> torch.Tensor:
    """The sums of every prefix of a value along `dim`, in the value's dtype; 16-bit floats are summed in float32.

    `reverse` sums suffixes, from the last element. Lanes outside the tile take no part.

    Example:
        >>> running = hl.cumsum(x[tile_m, :], dim=1)
    """
    only_inside_kernel("hl.cumsum")


def cumprod(x: torch.Tensor, dim: int, reverse: bool = False) -> torch.Tensor:
    """The products of every prefix of a value along `dim`, in the value's dtype; 16-bit floats are multiplied in float32.

    `reverse` multiplies suffixes, from the last element. Lanes outside the tile take no part.

    Example:
        >>> decay = hl.cumprod(gates[tile_m, :], dim=1)
    """
    only_inside_kernel("hl.cumprod")


def trace_combine_fn(ctx: TypingContext, combine_fn: Type, input_tensor: Type, **rest: Type) -> dict[str, Choices]:
    choices = parameter_choices(input_tensor)
    return {"combine_fn": choices} if choices else {}


def infer_associative_scan(ctx: TypingContext, combine_fn: Type, input_tensor: Type, dim: Type, reverse: Type = FALSE) -> Type:
    return _scanned(ctx, "hl.associative_scan", combine_fn, input_tensor, dim, "input_tensor")


def _scanned(ctx: TypingContext, name: str, combine_fn: Type, values: Type, dim: Type, parameter: str) -> Type:
    tensors = combined_tensors(ctx, name, combine_fn, values, parameter)
    if tensors is None or position_of(ctx, name, tensors[0], dim) is None:
        return UnknownType("the function, the values or the dimension are not known")
    results = tuple(TensorType(t.shape, t.dtype, Region.DEVICE) for t in tensors)
    return SequenceType(results) if isinstance(values, SequenceType) else results[0]


def trace_torch_combine_fn(ctx: TypingContext, combine_fn: Type, xs: Type, **rest: Type) -> dict[str, Choices]:
    return trace_combine_fn(ctx, combine_fn, xs)


def infer_torch_scan(ctx: TypingContext, combine_fn: Type, xs: Type, dim: Type, reverse: Type = FALSE, combine_mode: Type = NONE) -> Type:
    return _scanned(ctx, "torch.associative_scan", combine_fn, xs, dim, "xs")


def emit_associative_scan(ctx: EmitContext, combine_fn: Any, input_tensor: Any, dim: int, reverse: bool = False) -> Any:
    values = as_values(input_tensor)
    types = [ctx.type_of(value) for value in values]
    first = types[0]
    assert isinstance(first, TensorType)
    texts = tuple(ctx.text(value) for value in values)
    position = dim % len(first.dims)
    kept = ctx.physical_dims(first.dims)
    if position in kept:
        combine = ctx.function(combine_fn, tuple(t.dtype for t in types if isinstance(t, TensorType)))
        mask = ctx.mask_of(first.dims, (position,)) if reverse else None
        if mask is not None:
            combine, texts = _without_outside(ctx, combine, len(values)), (*texts, _flags(ctx, mask, first))
        texts = _scan(ctx, texts, kept.index(position), combine, reverse)[: len(values)]
    return texts if isinstance(input_tensor, tuple | list) else texts[0]


def emit_torch_scan(ctx: EmitContext, combine_fn: Any, xs: Any, dim: int, reverse: bool = False, combine_mode: str = "pointwise") -> Any:
    return emit_associative_scan(ctx, combine_fn, xs, dim, reverse)


def _scan(ctx: EmitContext, texts: Sequence[str], axis: int, combine: str, reverse: bool) -> tuple[str, ...]:
    options = ", reverse=True" if reverse else ""
    if len(texts) == 1:
        return (f"tl.associative_scan({texts[0]}, {axis}, {combine}{options})",)
    scanned = ctx.temporary("scanned", f"tl.associative_scan(({', '.join(texts)}), {axis}, {combine}{options})")
    return tuple(f"{scanned}[{i}]" for i in range(len(texts)))


def _flags(ctx: EmitContext, mask: str, type_: TensorType) -> str:
    return f"tl.broadcast_to({mask}, {ctx.physical_shape(type_.dims)}).to(tl.int32)"


def _without_outside(ctx: EmitContext, combine: str, count: int) -> str:
    """The combine function for elements with a flag: those outside the tile, where a reverse scan begins, leave the others as they are."""
    left, right, both = ([f"{name}{i}" for i in range(count)] for name in ("left", "right", "both"))
    lines = [f"{', '.join(both)} = {combine}({', '.join([*left, *right])})"]
    chosen = [f"tl.where(right_in == 0, {a}, tl.where(left_in == 0, {b}, {c}))" for a, b, c in zip(left, right, both, strict=True)]
    lines.append(f"return {', '.join([*chosen, 'left_in | right_in'])}")
    return ctx.module_function(f"{combine.removeprefix('_helion_fn_')}_inside", (*left, "left_in", *right, "right_in"), tuple(lines))


def run_associative_scan(combine_fn: Callable[..., Any], input_tensor: Any, dim: int, reverse: bool = False) -> Any:
    values = as_values(input_tensor)
    combine = called_on_tuples(combine_fn, input_tensor)
    length = values[0].size(dim)
    order = range(length - 1, -1, -1) if reverse else range(length)
    results = [torch.empty_like(v) for v in values]
    before: tuple[torch.Tensor, ...] | None = None
    for i in order:
        here = tuple(v.select(dim, i) for v in values)
        now = here if before is None else combine(before, here)
        before = tuple(torch.as_tensor(n, device=v.device).to(v.dtype).expand(h.shape) for n, v, h in zip(now, values, here, strict=True))
        for result, value in zip(results, before, strict=True):
            result.select(dim, i).copy_(value)
    return tuple(results) if isinstance(input_tensor, tuple | list) else results[0]


def run_torch_scan(combine_fn: Callable[..., Any], xs: Any, dim: int, reverse: bool = False, combine_mode: str = "pointwise") -> Any:
    return run_associative_scan(combine_fn, xs, dim, reverse)


# -- sums and products ----------------------------------------------------------------------------------------------


def _infer_cumulative(name: str) -> Callable[..., Type]:
    def infer_cumulative(ctx: TypingContext, x: Type, dim: Type, reverse: Type = FALSE) -> Type:
        if not isinstance(x, TensorType) or position_of(ctx, name, x, dim) is None:
            return UnknownType("the value or the dimension is not known")
        return TensorType(x.shape, torch.int64 if x.dtype == torch.bool else x.dtype, Region.DEVICE)

    return infer_cumulative


def _emit_cumulative(function: str, identity: int) -> Callable[..., str]:
    def emit_cumulative(ctx: EmitContext, x: Any, dim: int, reverse: bool = False, *, dtype: Any = None) -> str:
        type_, result = ctx.type_of(x), ctx.result_type
        assert isinstance(type_, TensorType)
        position = dim % len(type_.dims)
        kept = ctx.physical_dims(type_.dims)
        computed = _computed(result.dtype)
        if position not in kept:
            return ctx.cast(ctx.text(x), type_.dtype, result.dtype)
        if reverse:
            text, options = ctx.masked(x, identity, (position,), computed), ", reverse=True"
        else:
            text, options = ctx.cast(ctx.text(x), type_.dtype, computed), ""
        return ctx.cast(f"{function}({text}, {kept.index(position)}{options})", computed, result.dtype)

    return emit_cumulative


def emit_logcumsumexp(ctx: EmitContext, x: Any, dim: int) -> str:
    type_ = ctx.type_of(x)
    assert isinstance(type_, TensorType)
    kept = ctx.physical_dims(type_.dims)
    position = dim % len(type_.dims)
    if position not in kept:
        return ctx.text(x)
    computed = _computed(ctx.result_type.dtype)
    body = ("high = tl.maximum(a, b)", "return tl.where(high == float('-inf'), high, high + tl.log(tl.exp(a - high) + tl.exp(b - high)))")
    combine = ctx.module_function("logaddexp", ("a", "b"), body)
    text = f"tl.associative_scan({ctx.cast(ctx.text(x), type_.dtype, computed)}, {kept.index(position)}, {combine})"
    return ctx.cast(text, computed, ctx.result_type.dtype)


def _emit_running_extreme(name: str, comparison: str) -> Callable[..., tuple[str, str]]:
    """The extreme so far and where it stands: of equal ones the last, and NaN before all, as in torch."""

    def emit_running_extreme(ctx: EmitContext, x: Any, dim: int) -> tuple[str, str]:
        type_ = ctx.type_of(x)
        assert isinstance(type_, TensorType) and type_.dtype is not None
        kept = ctx.physical_dims(type_.dims)
        position = dim % len(type_.dims)
        shape = ctx.physical_shape(type_.dims)
        if position not in kept:
            return ctx.text(x), f"tl.full({shape}, 0, tl.int64)"
        computed = _computed(type_.dtype)
        parameters = ("left", "left_place", "right", "right_place")
        later = f"(right {comparison} left) | (right != right)"
        lines = (
            f"takes_right = ({later}) & ((left == left) | (right != right))",
            "return tl.where(takes_right, right, left), tl.where(takes_right, right_place, left_place)",
        )
        combine = ctx.module_function(name, parameters, lines)
        lanes = ctx.expanded(f"tl.arange(0, {ctx.dim(type_.dims[position])})", (position,), type_.dims)
        values = ctx.cast(ctx.text(x), type_.dtype, computed)
        pair = _scan(ctx, (values, f"tl.broadcast_to({lanes}, {shape})"), kept.index(position), combine, False)
        return ctx.cast(pair[0], computed, type_.dtype), f"{pair[1]}.to(tl.int64)"

    return emit_running_extreme


def _computed(dtype: torch.dtype) -> torch.dtype:
    """What prefixes are combined in: float32 for narrower floats, 32 bits for narrower integers."""
    if dtype.itemsize >= 4:
        return dtype
    return torch.float32 if dtype.is_floating_point else torch.int32


def _run_cumulative(function: Callable[..., torch.Tensor]) -> Callable[..., torch.Tensor]:
    def run_cumulative(x: torch.Tensor, dim: int, reverse: bool = False) -> torch.Tensor:
        dtype = torch.int64 if x.dtype == torch.bool else x.dtype
        scanned = function(x.flip(dim), dim, dtype=_computed(dtype)).flip(dim) if reverse else function(x, dim, dtype=_computed(dtype))
        return scanned.to(dtype)

    return run_cumulative


OPS = (
    Op(
        "hl.associative_scan",
        associative_scan,
        Region.DEVICE,
        infer=infer_associative_scan,
        traces=trace_combine_fn,
        emit=emit_associative_scan,
        run=run_associative_scan,
    ),
    Op(
        "torch.associative_scan",
        torch_associative_scan,
        Region.DEVICE,
        infer=infer_torch_scan,
        traces=trace_torch_combine_fn,
        emit=emit_torch_scan,
        run=run_torch_scan,
    ),
    Op(
        "hl.cumsum",
        cumsum,
        Region.DEVICE,
        infer=_infer_cumulative("hl.cumsum"),
        emit=_emit_cumulative("tl.cumsum", 0),
        run=_run_cumulative(torch.cumsum),
    ),
    Op(
        "hl.cumprod",
        cumprod,
        Region.DEVICE,
        infer=_infer_cumulative("hl.cumprod"),
        emit=_emit_cumulative("tl.cumprod", 1),
        run=_run_cumulative(torch.cumprod),
    ),
    Op("aten.cumsum", _aten.cumsum.default, emit=_emit_cumulative("tl.cumsum", 0), run=_aten.cumsum.default),
    Op("torch.logcumsumexp", _aten.logcumsumexp.default, emit=emit_logcumsumexp, run=_aten.logcumsumexp.default),
    Op("torch.cummax", _aten.cummax.default, emit=_emit_running_extreme("cummax", ">="), run=_aten.cummax.default),
    Op("torch.cummin", _aten.cummin.default, emit=_emit_running_extreme("cummin", "<="), run=_aten.cummin.default),
    Op("aten.cumprod", _aten.cumprod.default, emit=_emit_cumulative("tl.cumprod", 1), run=_aten.cumprod.default),
)
