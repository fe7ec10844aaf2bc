"""Matrix products of microscaled operands: `hl.dot_scaled`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

import torch

from helion.diagnostics.catalog.products import ScaledDotArguments
from helion.ops.contexts import EmitContext, TypingContext
from helion.ops.float4 import decoded_float4
from helion.ops.inside_kernel import only_inside_kernel
from helion.ops.operation import BlockLimit, Op
from helion.types.dims import Dim, Verdict, constant
from helion.types.types import ConstantType, DtypeType, Region, Shape, TensorType, Type, UnknownType

NONE = ConstantType(None)
SCALED_ELEMENTS = 32
_SMALLEST = 16
_FORMATS: Mapping[str, tuple[torch.dtype, ...]] = MappingProxyType(
    {
        "e2m1": (torch.uint8,),
        "e4m3": (torch.float8_e4m3fn, torch.uint8),
        "e5m2": (torch.float8_e5m2, torch.uint8),
        "bf16": (torch.bfloat16, torch.uint16),
        "fp16": (torch.float16, torch.uint16),
    }
)


def dot_scaled(
    mat1: torch.Tensor,
    mat1_scale: torch.Tensor | None,
    mat1_format: str,
    mat2: torch.Tensor,
    mat2_scale: torch.Tensor | None,
    mat2_format: str,
    acc: torch.Tensor | None = None,
    out_dtype: torch.dtype | None = None,
) -> torch.Tensor:
    """Multiply two microscaled tiles, `[m, k] @ [k, n]`, adding to `acc` when given.

    A format is "e2m1" (fp4, two in a byte along k, the first in the low bits), "e4m3", "e5m2", "bf16" or "fp16". Scales are uint8
    exponents (e8m0, `2 ** (s - 127)`), one for 32 elements along k: `[m, k // 32]` for `mat1` and `[n, k // 32]` for `mat2`; None for
    none. `acc` is float16 or float32. The result has `acc`'s dtype, else `out_dtype`, else float32. Blackwell's tensor cores do this
    themselves; elsewhere operands are widened to bfloat16 first.

    Example:
        >>> acc = hl.dot_scaled(x[tile_m, :], x_scale[tile_m, :], "e4m3", y[:, tile_n], y_scale[tile_n, :], "e4m3", acc=acc)
    """
    only_inside_kernel("hl.dot_scaled")


def infer_dot_scaled(
    ctx: TypingContext,
    mat1: Type,
    mat1_scale: Type,
    mat1_format: Type,
    mat2: Type,
    mat2_scale: Type,
    mat2_format: Type,
    acc: Type = NONE,
    out_dtype: Type = NONE,
) -> Type:
    shape = _shape(ctx, (mat1, mat1_format), (mat2, mat2_format))
    if shape is None:
        return UnknownType("the operands are not known")
    m, k, n = shape
    fits = [_scale_fits(ctx, mat1_scale, "mat1_scale", m, k), _scale_fits(ctx, mat2_scale, "mat2_scale", n, k)]
    if isinstance(acc, TensorType):
        is_float = acc.dtype in (torch.float16, torch.float32, None)
        if not is_float or (acc.rank is not None and not _is_shape(ctx, acc.shape, (m, n))):
            return ctx.report(ScaledDotArguments(ctx.argument_span("acc"), f"acc must be float16 or float32[{m}, {n}], not {acc}"))
        return acc
    dtype = out_dtype.dtype if isinstance(out_dtype, DtypeType) else torch.float32
    return TensorType((m, n), dtype, Region.DEVICE) if all(fits) else UnknownType("a scale does not fit")


def _shape(ctx: TypingContext, left: tuple[Type, Type], right: tuple[Type, Type]) -> tuple[Dim, Dim, Dim] | None:
    """M, the elements along K, and N; None when they are not known or (reported) do not fit."""
    packed: list[int] = []
    for (operand, format_), name in ((left, "mat1"), (right, "mat2")):
        if isinstance(operand, UnknownType) or isinstance(format_, UnknownType):
            return None
        found = _packing(ctx, operand, format_, name)
        if found is None:
            return None
        packed.append(found)
    a, b = left[0], right[0]
    assert isinstance(a, TensorType) and isinstance(b, TensorType)
    if a.rank is None or b.rank is None:
        return None
    k, other = a.dims[1] * packed[0], b.dims[0] * packed[1]
    if ctx.require_equal(k, other) is Verdict.DIFFERENT:
        ctx.report(ScaledDotArguments(ctx.span, f"the operands have {k} and {other} elements along k"))
        return None
    return a.dims[0], k, b.dims[1]


def _packing(ctx: TypingContext, operand: Type, format_: Type, name: str) -> int | None:
    """How many elements a value of the operand holds; None (reported) when operand and format do not fit."""
    known = format_.value if isinstance(format_, ConstantType) else None
    if not isinstance(known, str) or known not in _FORMATS:
        allowed = ", ".join(map(repr, _FORMATS))
        ctx.report(ScaledDotArguments(ctx.argument_span(f"{name}_format"), f"a format is one of {allowed}, not {format_}"))
        return None
    dtypes = _FORMATS[known]
    if not isinstance(operand, TensorType) or operand.rank not in (2, None) or operand.dtype not in (*dtypes, None):
        words = " or ".join(str(dtype).removeprefix("torch.") for dtype in dtypes)
        ctx.report(ScaledDotArguments(ctx.argument_span(name), f"an operand in {known} is a {words} tile of rank 2, not {operand}"))
        return None
    return 2 if known == "e2m1" else 1


def _scale_fits(ctx: TypingContext, scale: Type, name: str, rows: Dim, k: Dim) -> bool:
    if scale == NONE or isinstance(scale, UnknownType):
        return True
    fits = isinstance(scale, TensorType) and scale.dtype in (torch.uint8, None) and scale.rank in (2, None)
    if fits and isinstance(scale, TensorType) and scale.rank == 2:
        length, elements = constant(scale.dims[1]), constant(k)
        fits = ctx.require_equal(scale.dims[0], rows) is not Verdict.DIFFERENT
        fits = fits and (length is None or elements is None or length * SCALED_ELEMENTS == elements)
    if not fits:
        words = f"a scale is None or uint8[{rows}, {k} // {SCALED_ELEMENTS}], not {scale}"
        ctx.report(ScaledDotArguments(ctx.argument_span(name), words))
    return fits


def _is_shape(ctx: TypingContext, shape: Shape, wanted: tuple[Dim, Dim]) -> bool:
    pairs = zip(shape, wanted, strict=False)
    return len(shape) == len(wanted) and all(isinstance(a, Dim) and ctx.require_equal(a, b) is not Verdict.DIFFERENT for a, b in pairs)


def dot_scaled_limits(minimum_dot: tuple[int, int, int], mat1: Type, mat2: Type, **rest: Type) -> Iterator[BlockLimit]:
    assert isinstance(mat1, TensorType) and isinstance(mat2, TensorType)
    m, n, _ = minimum_dot
    yield BlockLimit(mat1.dims[0], m)
    yield BlockLimit(mat2.dims[1], n)
    yield BlockLimit(mat1.dims[1], SCALED_ELEMENTS)


def emit_dot_scaled(
    ctx: EmitContext,
    mat1: Any,
    mat1_scale: Any,
    mat1_format: str,
    mat2: Any,
    mat2_scale: Any,
    mat2_format: str,
    acc: Any = None,
    out_dtype: Any = None,
) -> str:
    left = f"{_matrix(ctx, mat1, 1)}, {_matrix(ctx, mat1_scale, 1)}, {mat1_format!r}"
    right = f"{_matrix(ctx, mat2, 0)}, {_matrix(ctx, mat2_scale, 1)}, {mat2_format!r}"
    result = ctx.result_type
    repeated = [i for i in range(2) if i not in ctx.physical_dims(result.dims)]
    is_added = acc is not None and result.dtype == torch.float32 and not repeated
    text = f"tl.dot_scaled({left}, {right}{f', acc={ctx.text(acc)}' if is_added else ''})"
    for position in reversed(repeated):
        text = f"(tl.sum({text}, {position}) * {1 / _SMALLEST})"
    if acc is not None and not is_added:
        text = f"({ctx.text(acc)} + {text})"
    return ctx.cast(text, torch.float32, result.dtype)


def _matrix(ctx: EmitContext, value: Any, inner: int) -> str:
    """The text of a rank 2 value with both dims there: the inner one even if it is 1, the other repeated if it is 1 (the product then
    has equal rows, of which the mean is taken). Lanes beyond the inner dim are 0."""
    if value is None:
        return "None"
    type_ = ctx.type_of(value)
    assert isinstance(type_, TensorType)
    text, kept = ctx.masked(value, 0, (inner,)), ctx.physical_dims(type_.dims)
    if len(kept) == len(type_.dims):
        return text
    lengths = [ctx.dim(d) if i in kept else "1" if i == inner else str(_SMALLEST) for i, d in enumerate(type_.dims)]
    if kept:
        subscript = ", ".join(":" if i in kept else "None" for i in range(len(type_.dims)))
        text = f"{ctx.temporary('matrix', text)}[{subscript}]"
    return f"tl.broadcast_to({text}, [{', '.join(lengths)}])"


def run_dot_scaled(
    mat1: torch.Tensor,
    mat1_scale: torch.Tensor | None,
    mat1_format: str,
    mat2: torch.Tensor,
    mat2_scale: torch.Tensor | None,
    mat2_format: str,
    acc: torch.Tensor | None = None,
    out_dtype: torch.dtype | None = None,
) -> torch.Tensor:
    left = _scaled(_decoded(mat1, mat1_format), mat1_scale)
    right = _scaled(_decoded(mat2.T.contiguous(), mat2_format), mat2_scale)
    product = left @ right.T
    return (acc + product).to(acc.dtype) if acc is not None else product.to(out_dtype or torch.float32)


def _decoded(values: torch.Tensor, format_: str) -> torch.Tensor:
    """The float32 values of an operand whose last dim is K."""
    if format_ != "e2m1":
        return values.view(_FORMATS[format_][0]).float()
    return torch.stack(decoded_float4(values), -1).flatten(-2)


def _scaled(values: torch.Tensor, scale: torch.Tensor | None) -> torch.Tensor:
    if scale is None:
        return values
    factors = torch.where(scale == 255, torch.nan, torch.exp2(scale.float() - 127))
    return values * factors.repeat_interleave(SCALED_ELEMENTS, -1)


OPS = (
    Op(
        "hl.dot_scaled",
        dot_scaled,
        Region.DEVICE,
        infer=infer_dot_scaled,
        requires=dot_scaled_limits,
        emit=emit_dot_scaled,
        run=run_dot_scaled,
    ),
)
