"""Values made in device code: `hl.zeros`, `hl.full`, `hl.arange` and torch's factories."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch

from helion.diagnostics.catalog.arguments import InvalidArgument
from helion.diagnostics.catalog.tiles import TileMisuse
from helion.ops.contexts import EmitContext, TypingContext
from helion.ops.inside_kernel import only_inside_kernel
from helion.ops.operation import Masks, Op
from helion.ops.shapes import shape_of
from helion.types.dims import MOST_ELEMENTS, Dim, constant, dim
from helion.types.dtypes import triton_name
from helion.types.integer_range import does_not_fit, wrapped
from helion.types.types import (
    BlockSizeType,
    ConstantType,
    DtypeType,
    NumberType,
    Region,
    SequenceType,
    TensorType,
    TunableType,
    Type,
    UnknownType,
)

NONE = ConstantType(None)
FLOAT32 = DtypeType(torch.float32)


def zeros(shape: Sequence[int], dtype: torch.dtype = torch.float32, device: torch.device | None = None) -> torch.Tensor:
    """A device value full of zeros; `shape` lists tiles, block sizes and constants; float32 unless told.

    Example:
        >>> acc = hl.zeros([tile_m, tile_n], dtype=torch.float32)
    """
    only_inside_kernel("hl.zeros")


def full(
    shape: Sequence[int], value: float | torch.Tensor, dtype: torch.dtype = torch.float32, device: torch.device | None = None
) -> torch.Tensor:
    """A device value full of `value`, which may be a runtime scalar; `shape` as for `hl.zeros`; float32 unless told.

    Example:
        >>> row_max = hl.full([tile_m], float("-inf"), dtype=torch.float32)
    """
    only_inside_kernel("hl.full")


def infer_zeros(ctx: TypingContext, shape: Type, dtype: Type = FLOAT32, device: Type = NONE) -> Type:
    return infer_full(ctx, shape, NumberType(int, dim(0)), dtype)


def infer_full(ctx: TypingContext, shape: Type, value: Type, dtype: Type = FLOAT32, device: Type = NONE) -> Type:
    dims = shape_of(ctx, shape)
    if dims is None:
        return UnknownType("the shape is not known")
    found = dtype.dtype if isinstance(dtype, DtypeType) else torch.float32 if dtype == NONE else None
    if not isinstance(value, NumberType | BlockSizeType | TunableType | TensorType | UnknownType):
        return ctx.report(InvalidArgument(ctx.argument_span("value"), "hl.full", f"a value is filled with a number, not {value}"))
    if (why := does_not_fit(value, found)) is not None:
        return ctx.report(InvalidArgument(ctx.argument_span("value"), "hl.full", why))
    return _of_size(ctx, TensorType(dims, found, Region.DEVICE))


def _of_size(ctx: TypingContext, made: TensorType) -> Type:
    """A value that Triton can have, as far as its constant dims say."""
    sizes = [constant(size) or 1 for size in made.dims]
    if math.prod(sizes) > MOST_ELEMENTS:
        return ctx.report(
            TileMisuse(ctx.span, f"a value of the device has at most {MOST_ELEMENTS} elements, and this one {math.prod(sizes)}")
        )
    return made


def emit_zeros(ctx: EmitContext, shape: Any, dtype: Any = torch.float32, device: Any = None) -> str:
    return emit_full(ctx, shape, 0)


def emit_full(ctx: EmitContext, shape: Any, value: Any, dtype: Any = torch.float32, device: Any = None) -> str:
    result = ctx.result_type
    known = constant(value) if isinstance(value, Dim) else value
    text = repr(wrapped(known, result.dtype)) if isinstance(known, int) and not isinstance(known, bool) else ctx.text(value)
    return f"tl.full({ctx.physical_shape(result.dims)}, {text}, {triton_name(result.dtype)})"


def run_full(shape: Any, value: Any, dtype: torch.dtype = torch.float32, device: Any = None) -> torch.Tensor:
    return torch.full(tuple(int(size) for size in shape), value, dtype=dtype, device=device)


def run_zeros(shape: Any, dtype: torch.dtype = torch.float32, device: Any = None) -> torch.Tensor:
    return run_full(shape, 0, dtype, device)


def arange(*args: int, dtype: torch.dtype | None = None, device: torch.device | None = None) -> torch.Tensor:
    """Consecutive integers on the device, as `torch.arange(end)` or `(start, end)` or `(start, end, step)`; of the dtype of
    indices unless told: int32, or int64 where tensors are too large for that.

    Example:
        >>> lanes = hl.arange(16)
    """
    only_inside_kernel("hl.arange")


def infer_arange(ctx: TypingContext, *args: Type, dtype: Type = NONE, device: Type = NONE) -> Type:
    values = shape_of(ctx, SequenceType(args))
    if values is None or not 1 <= len(values) <= 3:
        return UnknownType("the range is not known")
    start, end = (dim(0), values[0]) if len(values) == 1 else values[:2]
    step = values[2] if len(values) == 3 else dim(1)
    length = end - start if step == 1 else -((start - end) // step)
    found = dtype.dtype if isinstance(dtype, DtypeType) else ctx.index_dtype
    return _of_size(ctx, TensorType((dim(length),), found, Region.DEVICE))


def emit_arange(ctx: EmitContext, *args: Any, dtype: Any = None, device: Any = None) -> str:
    return _places(ctx, 0 if len(args) == 1 else args[0], args[2] if len(args) == 3 else 1)


def _places(ctx: EmitContext, start: Any, step: Any) -> str:
    """The text of `start`, `start + step`, and so on; one lane is a scalar with a dtype, as any value is."""
    result = ctx.result_type
    lanes = f"tl.arange(0, {ctx.dim(result.dims[0])})" if ctx.physical_dims(result.dims) else "tl.full([], 0, tl.int32)"
    if result.dtype == torch.int64:
        lanes = f"{lanes}.to(tl.int64)"
    steps = lanes if constant(dim(step)) == 1 else f"{lanes} * {ctx.text(step)}"
    places = steps if isinstance(start, int) and start == 0 else f"{ctx.text(start)} + {steps}"
    return f"({places}).to({triton_name(result.dtype)})"


def run_arange(*args: Any, dtype: torch.dtype | None = None, device: Any = None) -> torch.Tensor:
    return torch.arange(*(int(a) for a in args), dtype=dtype or torch.int32, device=device)


def emit_iota(
    ctx: EmitContext, length: Any, *, start: Any, step: Any, dtype: torch.dtype, device: Any = None, requires_grad: bool = False
) -> str:
    """What `torch.arange` comes down to; the length may be a size that only the run time knows."""
    return _places(ctx, start, step)


def run_iota(
    length: int, *, start: int, step: int, dtype: torch.dtype, device: torch.device | None = None, requires_grad: bool = False
) -> torch.Tensor:
    return torch.arange(start, start + length * step, step, dtype=dtype, device=device)


def emit_scalar_tensor(ctx: EmitContext, value: Any, *, dtype: torch.dtype | None = None, **options: Any) -> str:
    """A number among tensors, as in `torch.where(condition, x, n)`: a literal, or a size that only the run time knows."""
    wanted: torch.dtype = ctx.result_type.dtype
    if not isinstance(value, int | float) and constant(dim(value)) is None:
        return f"tl.cast({ctx.text(value)}, {triton_name(wanted)})"
    number = value if isinstance(value, float | bool) else constant(dim(value))
    if isinstance(number, float) and not math.isfinite(number):
        text = f'float("{number}")'
        return text if wanted == torch.float32 else f"tl.full([], {text}, {triton_name(wanted)})"
    if wanted == torch.float32:
        return repr(float(number or 0))
    number = wrapped(number, wanted) if isinstance(number, int) else number
    return repr(number) if wanted == torch.int32 else f"tl.full([], {number!r}, {triton_name(wanted)})"


def run_scalar_tensor(value: float, *, dtype: torch.dtype | None = None, **options: Any) -> torch.Tensor:
    return torch.scalar_tensor(value, dtype=dtype)


def rewrite_empty(size: Any, *strides: Any, dtype: torch.dtype | None = None, **options: Any) -> torch.Tensor:
    """Registers always hold something: zeros."""
    return torch.zeros(size, dtype=dtype)


OPS = (
    Op(
        "torch.empty",
        torch.ops.aten.empty.memory_format,
        aliases=(torch.ops.aten.empty_strided.default, torch.ops.aten.empty_permuted.default),
        rewrite=rewrite_empty,
        run=torch.ops.aten.empty.memory_format,
    ),
    Op(
        "hl.zeros",
        zeros,
        Region.DEVICE,
        infer=infer_zeros,
        masks=Masks(result=0),
        emit=emit_zeros,
        run=run_zeros,
        keeps_position=True,
    ),
    Op("hl.full", full, Region.DEVICE, infer=infer_full, masks=Masks(result="value"), emit=emit_full, run=run_full, keeps_position=True),
    Op("hl.arange", arange, Region.DEVICE, infer=infer_arange, emit=emit_arange, run=run_arange),
    Op("torch.scalar_tensor", torch.ops.aten.scalar_tensor.default, emit=emit_scalar_tensor, run=run_scalar_tensor),
    Op("torch.arange", torch.ops.prims.iota.default, emit=emit_iota, run=run_iota),
)
