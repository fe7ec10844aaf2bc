"""Matrix products on the tensor cores: `hl.dot`, `torch.addmm`, `torch.baddbmm`, `torch.mm`, `torch.bmm`, `@`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch

from helion.diagnostics.catalog.shapes import DotOperandType, DotShapeMismatch
from helion.ops.contexts import EmitContext, TypingContext
from helion.ops.inside_kernel import only_inside_kernel
from helion.ops.operation import BlockLimit, Masks, Op
from helion.types import operators as operator
from helion.types.dims import Verdict
from helion.types.dtypes import triton_name
from helion.types.types import ConstantType, DtypeType, NumberType, Region, Shape, TensorType, Type, UnknownType

NONE = ConstantType(None)
ONE = NumberType(int, None)
OPERAND_DTYPES = frozenset(
    {torch.float16, torch.bfloat16, torch.float32, torch.int8, torch.float8_e4m3fn, torch.float8_e5m2},
)


def dot(mat1: Any, mat2: Any, acc: Any = None, out_dtype: torch.dtype | None = None) -> torch.Tensor:
    """Multiply two tiles on the tensor cores, `[m, k] @ [k, n]` or batched `[b, m, k] @ [b, k, n]`, adding to `acc` when given.

    The result has `acc`'s dtype, else `out_dtype`, else float32 (int32 for int8 operands).

    Example:
        >>> acc = hl.dot(x[tile_m, tile_k], y[tile_k, tile_n], acc=acc)
    """
    only_inside_kernel("hl.dot")


def _product_shape(ctx: TypingContext, mat1: Type, mat2: Type) -> Shape | None:
    if not isinstance(mat1, TensorType) or not isinstance(mat2, TensorType):
        return None
    if mat1.rank is None or mat2.rank is None:
        return None
    if mat1.rank != mat2.rank or mat1.rank not in (2, 3):
        ctx.report(DotShapeMismatch(ctx.span, str(mat1), str(mat2), "both operands must have rank 2, or both rank 3"))
        return None
    left, right = mat1.dims, mat2.dims
    if ctx.require_equal(left[-1], right[-2]) is Verdict.DIFFERENT:
        why = f"the inner sizes {left[-1]} and {right[-2]} differ"
        ctx.report(DotShapeMismatch(ctx.span, str(mat1), str(mat2), why))
        return None
    if mat1.rank == 2:
        return (left[0], right[1])
    batch = ctx.broadcast(left[:1], right[:1])
    if batch is None:
        why = f"the batch sizes {left[0]} and {right[0]} differ"
        ctx.report(DotShapeMismatch(ctx.span, str(mat1), str(mat2), why))
        return None
    return (*batch, left[1], right[2])


def _region(ctx: TypingContext, *types: Type) -> Region:
    device = any(isinstance(t, TensorType) and t.region is Region.DEVICE for t in types)
    return Region.DEVICE if device or ctx.region is Region.DEVICE else Region.HOST


def infer_dot(ctx: TypingContext, mat1: Type, mat2: Type, acc: Type = NONE, out_dtype: Type = NONE) -> Type:
    for operand, name in ((mat1, "mat1"), (mat2, "mat2")):
        if isinstance(operand, TensorType) and operand.dtype not in OPERAND_DTYPES | {None}:
            return ctx.report(DotOperandType(ctx.argument_span(name), str(operand)))
    shape = _product_shape(ctx, mat1, mat2)
    if isinstance(acc, TensorType):
        if shape is not None and not _accepts(ctx, acc, shape):
            return ctx.report(DotShapeMismatch(ctx.argument_span("acc"), str(mat1), str(mat2), f"acc is {acc}"))
        return acc
    if shape is None:
        return UnknownType("the operands are not known")
    if isinstance(out_dtype, DtypeType):
        return TensorType(shape, out_dtype.dtype, Region.DEVICE)
    assert isinstance(mat1, TensorType) and isinstance(mat2, TensorType)
    integer = torch.int8 in (mat1.dtype, mat2.dtype)
    return TensorType(shape, torch.int32 if integer else torch.float32, Region.DEVICE)


def _accepts(ctx: TypingContext, acc: TensorType, shape: Shape) -> bool:
    if acc.rank is None:
        return True
    joined = ctx.broadcast(acc.shape, shape)
    return joined is not None and len(joined) == len(shape)


def infer_matmul(ctx: TypingContext, input: Type, other: Type) -> Type:
    ranks = {t.rank for t in (input, other) if isinstance(t, TensorType)}
    if ranks - {2, 3, None} or len(ranks - {None}) > 1:
        return ctx.torch_type(torch.matmul, (input, other), {})
    shape = _product_shape(ctx, input, other)
    if shape is None or not isinstance(input, TensorType) or not isinstance(other, TensorType):
        return UnknownType("the operands are not known")
    return TensorType(shape, _operand_dtype(input, other), _region(ctx, input, other))


def _operand_dtype(left: TensorType, right: TensorType) -> torch.dtype | None:
    if left.dtype is None or right.dtype is None:
        return None
    return torch.promote_types(left.dtype, right.dtype)


def infer_addmm(ctx: TypingContext, input: Type, mat1: Type, mat2: Type, *, beta: Type = ONE, alpha: Type = ONE) -> Type:
    shape = _product_shape(ctx, mat1, mat2)
    if shape is None or not isinstance(input, TensorType):
        return input if isinstance(input, TensorType) else UnknownType("the operands are not known")
    if not _accepts(ctx, input, shape):
        return ctx.report(DotShapeMismatch(ctx.argument_span("input"), str(mat1), str(mat2), f"the input is {input}"))
    return TensorType(shape, input.dtype, _region(ctx, input, mat1, mat2))


def _block_limits(mat1: Type, mat2: Type, minimum: tuple[int, int, int]) -> Iterator[BlockLimit]:
    """What the tensor cores take on M, N and K; a batch is multiplied one matrix at a time."""
    assert isinstance(mat1, TensorType) and isinstance(mat2, TensorType)
    m, n, k = minimum
    is_8bit = mat1.dtype is not None and mat1.dtype.itemsize == 1
    yield BlockLimit(mat1.dims[-2], m)
    yield BlockLimit(mat2.dims[-1], n)
    yield BlockLimit(mat1.dims[-1], 2 * k if is_8bit else k)
    if len(mat1.dims) == 3:
        yield BlockLimit(mat1.dims[0], maximum=1)


def dot_limits(minimum: tuple[int, int, int], mat1: Type, mat2: Type, **rest: Type) -> Iterator[BlockLimit]:
    return _block_limits(mat1, mat2, minimum)


def matmul_limits(minimum: tuple[int, int, int], input: Type, other: Type) -> Iterator[BlockLimit]:
    return _block_limits(input, other, minimum)


def _emit_product(ctx: EmitContext, mat1: Any, mat2: Any, acc: str | None, dtype: torch.dtype) -> str:
    """`tl.dot` of two operands brought to one dtype, with the inner dimension's invalid lanes at 0."""
    left, right = ctx.type_of(mat1), ctx.type_of(mat2)
    assert isinstance(left, TensorType) and isinstance(right, TensorType)
    assert left.dtype is not None and right.dtype is not None
    common = torch.promote_types(left.dtype, right.dtype) if left.dtype != right.dtype else left.dtype
    rank = len(left.dims)
    if len(ctx.physical_dims((*left.dims[-2:], right.dims[-1]))) < 3:
        return _emit_without_tensor_cores(ctx, mat1, mat2, acc, dtype)
    first = ctx.cast(ctx.masked(mat1, 0, (rank - 1,)), left.dtype, common)
    second = ctx.cast(ctx.masked(mat2, 0, (rank - 2,)), right.dtype, common)
    out = torch.int32 if dtype == torch.int32 else torch.float16 if dtype == torch.float16 and acc is not None else torch.float32
    precision = f", input_precision={ctx.dot_precision!r}" if common == torch.float32 else ""
    plus = "" if acc is None else f", acc={acc}"
    return f"tl.dot({first}, {second}{plus}{precision}, out_dtype={triton_name(out)})"


def _emit_without_tensor_cores(ctx: EmitContext, mat1: Any, mat2: Any, acc: str | None, dtype: torch.dtype) -> str:
    """Multiply and sum: M, N or K is 1, and so is not there for `tl.dot`."""
    left, right = ctx.type_of(mat1), ctx.type_of(mat2)
    assert isinstance(left, TensorType) and isinstance(right, TensorType)
    wide = torch.int32 if dtype == torch.int32 else torch.float32
    lead = len(left.dims) - 2
    whole = (*left.dims, right.dims[-1])
    inner = lead + 1
    own_left = tuple(i for i in ctx.physical_dims(left.dims))
    own_right = tuple(i + 1 if i > lead - 1 else i for i in ctx.physical_dims(right.dims))
    first = ctx.temporary("left", ctx.cast(ctx.masked(mat1, 0, (inner,)), left.dtype, wide))
    second = ctx.temporary("right", ctx.cast(ctx.masked(mat2, 0, (lead,)), right.dtype, wide))
    product = f"{ctx.expanded(first, own_left, whole)} * {ctx.expanded(second, own_right, whole)}"
    kept = ctx.physical_dims(whole)
    text = f"tl.sum({product}, {kept.index(inner)})" if inner in kept else f"({product})"
    return text if acc is None else f"({acc} + {text})"


def _dot_result(dtype: torch.dtype) -> torch.dtype:
    return torch.int32 if dtype in (torch.int32, torch.int8) else torch.float32


def emit_dot(ctx: EmitContext, mat1: Any, mat2: Any, acc: Any = None, out_dtype: Any = None) -> str:
    result = ctx.result_type
    if acc is not None:
        return _emit_product(ctx, mat1, mat2, ctx.text(acc), result.dtype)
    produced = torch.int32 if result.dtype == torch.int32 else torch.float32
    return ctx.cast(_emit_product(ctx, mat1, mat2, None, produced), produced, result.dtype)


def emit_matmul(ctx: EmitContext, input: Any, other: Any) -> str:
    return emit_dot(ctx, input, other)


def emit_addmm(ctx: EmitContext, input: Any, mat1: Any, mat2: Any, *, beta: Any = 1, alpha: Any = 1) -> str:
    result = ctx.result_type
    start = ctx.type_of(input)
    assert isinstance(start, TensorType)
    if start.dtype in (torch.float32, torch.int32) and start.dims == result.dims and beta == 1 and alpha == 1:
        return _emit_product(ctx, mat1, mat2, ctx.text(input), result.dtype)
    product = _emit_product(ctx, mat1, mat2, None, _dot_result(result.dtype))
    scaled = product if alpha == 1 else f"{ctx.text(alpha)} * {product}"
    first = ctx.aligned(input, result.dims)
    first = first if beta == 1 else f"{ctx.text(beta)} * {first}"
    return ctx.cast(f"({first} + {scaled})", torch.float32, result.dtype)


def run_dot(mat1: torch.Tensor, mat2: torch.Tensor, acc: torch.Tensor | None = None, out_dtype: torch.dtype | None = None) -> torch.Tensor:
    integer = torch.int8 in (mat1.dtype, mat2.dtype)
    wide = torch.int32 if integer else torch.float32
    product = torch.matmul(mat1.to(wide), mat2.to(wide))
    if acc is not None:
        return (acc + product).to(acc.dtype)
    return product.to(out_dtype or wide)


def run_addmm(input: torch.Tensor, mat1: torch.Tensor, mat2: torch.Tensor, *, beta: Any = 1, alpha: Any = 1) -> torch.Tensor:
    return (beta * input + alpha * torch.matmul(mat1.float(), mat2.float())).to(input.dtype)


_aten = torch.ops.aten
_OPERANDS = Masks(inputs={"mat1": 0, "mat2": 0}, result=None)

OPS = (
    Op("hl.dot", dot, Region.DEVICE, infer=infer_dot, requires=dot_limits, masks=_OPERANDS, emit=emit_dot, run=run_dot),
    Op(
        "torch.matmul",
        torch.matmul,
        aliases=(torch.mm, torch.bmm, operator.matmul, _aten.mm.default, _aten.bmm.default),
        methods=("matmul", "mm", "bmm"),
        parameter_names=("input", "other"),
        infer=infer_matmul,
        requires=matmul_limits,
        emit=emit_matmul,
        run=torch.matmul,
    ),
    Op(
        "torch.addmm",
        torch.addmm,
        aliases=(torch.baddbmm, _aten.addmm.default, _aten.baddbmm.default),
        methods=("addmm", "baddbmm"),
        parameter_names=("input", "mat1", "mat2"),
        infer=infer_addmm,
        requires=dot_limits,
        emit=emit_addmm,
        run=run_addmm,
    ),
)
