"""Reductions of device values: sum, mean, max, argmax, variance, ...; what masks them, their code and how partial results combine.

Over a tile that reaches past its loop's end, `mean` and `var` divide by the block size: see docs/reductions.md.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import torch

from helion.ops.contexts import EmitContext
from helion.ops.operation import Op
from helion.types.types import TensorType
from helion.types.untyped import is_sequence

_aten = torch.ops.aten


@dataclass(frozen=True)
class ReductionKind:
    """How one reduction is written.

    `identity` is what invalid lanes hold ("lowest" and "highest" depend on the dtype); `whole` reduces a block along an axis, None where
    Triton reduces by `combine`; `combine` joins two elements, or two partial blocks of a reduction in a loop. `is_mean` divides by the
    number of elements at the end. `gives` is the "value", its "place" among the reduced dims, or the "pair" of both.
    """

    name: str
    identity: float | str
    whole: str | None
    combine: str
    accumulates_in_f32: bool = True
    is_mean: bool = False
    gives: str = "value"

    def identity_for(self, dtype: torch.dtype) -> float | int | bool:
        """The value that leaves a reduction of `dtype` unchanged."""
        if self.identity not in ("lowest", "highest"):
            assert isinstance(self.identity, int | float)
            return self.identity
        if dtype.is_floating_point:
            return -math.inf if self.identity == "lowest" else math.inf
        if dtype == torch.bool:
            return self.identity == "highest"
        limits = torch.iinfo(dtype)
        return limits.min if self.identity == "lowest" else limits.max


_MAXIMUM = "tl.maximum({a}, {b}, propagate_nan=tl.PropagateNan.ALL)"
_MINIMUM = "tl.minimum({a}, {b}, propagate_nan=tl.PropagateNan.ALL)"

SUM = ReductionKind("sum", 0, "tl.sum({x}, {axis})", "{a} + {b}")
MEAN = ReductionKind("mean", 0, "tl.sum({x}, {axis})", "{a} + {b}", is_mean=True)
PROD = ReductionKind("prod", 1, None, "{a} * {b}")
AMAX = ReductionKind("amax", "lowest", None, _MAXIMUM, accumulates_in_f32=False)
AMIN = ReductionKind("amin", "highest", None, _MINIMUM, accumulates_in_f32=False)


def accumulator_dtype(dtype: torch.dtype, kind: ReductionKind, result: torch.dtype) -> torch.dtype:
    """What a reduction computes in: float32 for 16-bit sums, int32 for booleans, the result's dtype for integer sums."""
    if dtype == torch.bool:
        return torch.int32 if result == torch.bool else result
    if dtype.is_floating_point:
        return torch.float32 if dtype.itemsize < 4 else dtype
    return result if kind.accumulates_in_f32 and not result.is_floating_point else torch.float32 if kind.is_mean else dtype


def reduced_dims(rank: int, dim: Any) -> tuple[int, ...]:
    """The dims a torch reduction names, as sorted non-negative positions; None and [] mean all."""
    if dim is None or dim == [] or dim == ():
        return tuple(range(rank))
    dims = dim if is_sequence(dim) else (dim,)
    return tuple(sorted(int(d) % rank for d in dims))


def _emit(kind: ReductionKind) -> Any:
    def emit_reduction(ctx: EmitContext, x: Any, dim: Any = None, keepdim: Any = False, *, dtype: Any = None, **rest: Any) -> str:
        source = ctx.type_of(x)
        assert isinstance(source, TensorType)
        return ctx.reduce(x, reduced_dims(len(source.dims), dim), kind)

    emit_reduction.__name__ = f"emit_{kind.name}"
    return emit_reduction


def _emit_all(kind: ReductionKind) -> Any:
    def emit_reduction(ctx: EmitContext, x: Any, *, dtype: Any = None) -> str:
        source = ctx.type_of(x)
        assert isinstance(source, TensorType)
        return ctx.reduce(x, tuple(range(len(source.dims))), kind)

    emit_reduction.__name__ = f"emit_{kind.name}"
    return emit_reduction


def _emit_place(kind: ReductionKind) -> Any:
    """The place of an extreme among the reduced dims; in all of them taken as one when none is named."""

    def emit_place(ctx: EmitContext, x: Any, dim: int | None = None, keepdim: bool = False) -> str:
        source = ctx.type_of(x)
        assert isinstance(source, TensorType)
        return ctx.reduce_with_place(x, reduced_dims(len(source.dims), dim), kind)[1]

    return emit_place


def _emit_pair(kind: ReductionKind) -> Any:
    def emit_pair(ctx: EmitContext, x: Any, dim: int, keepdim: bool = False) -> tuple[str, str]:
        source = ctx.type_of(x)
        assert isinstance(source, TensorType)
        return ctx.reduce_with_place(x, reduced_dims(len(source.dims), dim), kind)

    return emit_pair


def rewrite_any(x: torch.Tensor, dim: Any = None, keepdim: bool = False) -> torch.Tensor:
    return (x != 0).sum(dim, keepdim=keepdim, dtype=torch.int32) > 0


def rewrite_all(x: torch.Tensor, dim: Any = None, keepdim: bool = False) -> torch.Tensor:
    return (x == 0).sum(dim, keepdim=keepdim, dtype=torch.int32) == 0


def rewrite_var_mean(
    x: torch.Tensor, dim: Any = None, *, correction: float | None = None, keepdim: bool = False
) -> tuple[torch.Tensor, torch.Tensor]:
    """Two passes over values in registers: exact, and cheaper there than Welford's."""
    wide = x.float() if x.dtype.itemsize < 4 else x
    dims = list(range(x.dim())) if dim is None or dim == [] else list(dim)
    mean = wide.mean(dims, keepdim=True)
    centered = wide - mean
    count = math.prod(x.shape[d] for d in dims) - (1 if correction is None else int(correction))
    variance = (centered * centered).sum(dims, keepdim=keepdim) / count
    return variance.to(x.dtype), (mean if keepdim else mean.squeeze(dims)).to(x.dtype)


def rewrite_var(x: torch.Tensor, dim: Any = None, *, correction: float | None = None, keepdim: bool = False) -> torch.Tensor:
    return rewrite_var_mean(x, dim, correction=correction, keepdim=keepdim)[0]


def rewrite_std(x: torch.Tensor, dim: Any = None, *, correction: float | None = None, keepdim: bool = False) -> torch.Tensor:
    return rewrite_var(x, dim, correction=correction, keepdim=keepdim).sqrt()


def kind_of(target: Any) -> ReductionKind | None:
    """The kind of a reduction node's target, None for any other target."""
    return _KINDS.get(target)


def _reduction(kind: ReductionKind, dims: Any, whole: Any | None = None) -> tuple[Op, ...]:
    ops = [Op(f"aten.{kind.name}", dims, emit=_emit(kind), run=dims)]
    if whole is not None:
        ops.append(Op(f"aten.{kind.name} of all", whole, emit=_emit_all(kind), run=whole))
    return tuple(ops)


OPS = (
    *_reduction(SUM, _aten.sum.dim_IntList, _aten.sum.default),
    *_reduction(MEAN, _aten.mean.dim, _aten.mean.default),
    *_reduction(PROD, _aten.prod.dim_int, _aten.prod.default),
    *_reduction(AMAX, _aten.amax.default),
    *_reduction(AMIN, _aten.amin.default),
    *_reduction(AMAX, _aten.max.default),
    *_reduction(AMIN, _aten.min.default),
    Op("aten.argmax", _aten.argmax.default, emit=_emit_place(AMAX), run=_aten.argmax.default),
    Op("aten.argmin", _aten.argmin.default, emit=_emit_place(AMIN), run=_aten.argmin.default),
    Op("aten.max.dim", _aten.max.dim, emit=_emit_pair(AMAX), run=_aten.max.dim),
    Op("aten.min.dim", _aten.min.dim, emit=_emit_pair(AMIN), run=_aten.min.dim),
    Op("torch.any", _aten.any.default, aliases=(_aten.any.dim, _aten.any.dims), rewrite=rewrite_any, run=_aten.any.default),
    Op("torch.all", _aten.all.default, aliases=(_aten.all.dim, _aten.all.dims), rewrite=rewrite_all, run=_aten.all.default),
    Op("torch.var_mean", _aten.var_mean.correction, rewrite=rewrite_var_mean, run=_aten.var_mean.correction),
    Op("torch.var", _aten.var.correction, rewrite=rewrite_var, run=_aten.var.correction),
    Op("torch.std", _aten.std.correction, rewrite=rewrite_std, run=_aten.std.correction),
)

_KINDS: dict[Any, ReductionKind] = {
    _aten.argmax.default: replace(AMAX, gives="place"),
    _aten.argmin.default: replace(AMIN, gives="place"),
    _aten.max.dim: replace(AMAX, gives="pair"),
    _aten.min.dim: replace(AMIN, gives="pair"),
    _aten.sum.dim_IntList: SUM,
    _aten.sum.default: SUM,
    _aten.mean.dim: MEAN,
    _aten.mean.default: MEAN,
    _aten.prod.dim_int: PROD,
    _aten.prod.default: PROD,
    _aten.amax.default: AMAX,
    _aten.amin.default: AMIN,
    _aten.max.default: AMAX,
    _aten.min.default: AMIN,
}
