"""What a matrix product gives, from its operands' types: shapes, dtypes, and the limits that tensor cores put on blocks; knows no call."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from helion.diagnostics.catalog.products import DotBatchMismatch
from helion.diagnostics.catalog.shapes import DotShapeMismatch
from helion.ops.contexts import TypingContext
from helion.ops.operation import BlockLimit
from helion.types.dims import Dim, Verdict, constant, dim
from helion.types.types import Shape, TensorType, Type

FLOAT8 = frozenset({torch.float8_e4m3fn, torch.float8_e5m2})
TENSOR_CORE_DTYPES = frozenset({torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.int8}) | FLOAT8
_RANKS = (2, 3)


def matrix_dims(left: tuple[Dim, ...], right: tuple[Dim, ...]) -> tuple[tuple[Dim, ...], tuple[Dim, ...]]:
    """Both operands' dims as matrices: a vector is a row on the left and a column on the right, a batch is shared with a lone matrix."""
    left = left if len(left) > 1 else (dim(1), *left)
    right = right if len(right) > 1 else (*right, dim(1))
    rank = max(len(left), len(right))
    return (dim(1),) * (rank - len(left)) + left, (dim(1),) * (rank - len(right)) + right


def product_shape(ctx: TypingContext, mat1: Type, mat2: Type) -> Shape | None:
    """The shape of `mat1 @ mat2` for operands of one rank, 2 or 3; None when it is not known or (reported) they do not fit."""
    if not isinstance(mat1, TensorType) or not isinstance(mat2, TensorType) or mat1.rank is None or mat2.rank is None:
        return None
    if mat1.rank != mat2.rank or mat1.rank not in _RANKS:
        ctx.report(DotShapeMismatch(ctx.span, str(mat1), str(mat2), "both operands must have rank 2, or both rank 3"))
        return None
    left, right = mat1.dims, mat2.dims
    if ctx.require_equal(left[-1], right[-2]) is Verdict.DIFFERENT:
        ctx.report(DotShapeMismatch(ctx.span, str(mat1), str(mat2), f"the inner sizes {left[-1]} and {right[-2]} differ"))
        return None
    batch = ctx.broadcast(left[:-2], right[:-2])
    if batch is None:
        ctx.report(DotBatchMismatch(ctx.span, str(mat1), str(mat2), str(left[0]), str(right[0])))
        return None
    return (*batch, left[-2], right[-1])


def matmul_shape(ctx: TypingContext, left: TensorType, right: TensorType) -> Shape | None:
    """The shape of `left @ right` as torch has it: a vector has no row or column in the result, a matrix is shared by a batch."""
    if 0 in (left.rank, right.rank):
        ctx.report(DotShapeMismatch(ctx.span, str(left), str(right), "a number is no matrix"))
        return None
    first, second = matrix_dims(left.dims, right.dims)
    if ctx.require_equal(first[-1], second[-2]) is Verdict.DIFFERENT:
        ctx.report(DotShapeMismatch(ctx.span, str(left), str(right), f"the inner sizes {first[-1]} and {second[-2]} differ"))
        return None
    batch = ctx.broadcast(first[:-2], second[:-2])
    if batch is None:
        ctx.report(DotBatchMismatch(ctx.span, str(left), str(right), str(first[0]), str(second[0])))
        return None
    return (*batch, *(first[-2:-1] if left.rank != 1 else ()), *(second[-1:] if right.rank != 1 else ()))


def common_dtype(left: torch.dtype, right: torch.dtype) -> torch.dtype | None:
    """The dtype both operands are brought to; two fp8 dtypes may be multiplied as they are, and the left one stands for them.
    None when fp8 meets another dtype: torch has no promotion for it."""
    if left == right or (left in FLOAT8 and right in FLOAT8):
        return left
    return None if left in FLOAT8 or right in FLOAT8 else torch.promote_types(left, right)


def accumulator_dtype(operands: torch.dtype) -> torch.dtype:
    """What the products of two operands are added up in."""
    if operands.is_floating_point:
        return torch.float64 if operands == torch.float64 else torch.float32
    return torch.int32 if operands == torch.int8 else operands


def product_limits(mat1: Type, mat2: Type, minimum: tuple[int, int, int]) -> Iterator[BlockLimit]:
    """What the tensor cores take on M, N and K; a batch is multiplied one matrix at a time. Nothing for a product with a vector, or of
    dtypes that tensor cores lack: those are multiplied and summed."""
    assert isinstance(mat1, TensorType) and isinstance(mat2, TensorType)
    if mat1.dtype not in TENSOR_CORE_DTYPES or mat2.dtype not in TENSOR_CORE_DTYPES or 1 in (len(mat1.dims), len(mat2.dims)):
        return
    left, right = matrix_dims(mat1.dims, mat2.dims)
    if any(constant(d) == 1 for d in (left[-2], left[-1], right[-1])):
        return
    m, n, k = minimum
    assert mat1.dtype is not None
    yield BlockLimit(left[-2], m)
    yield BlockLimit(right[-1], n)
    yield BlockLimit(left[-1], 2 * k if mat1.dtype.itemsize == 1 else k)
    for batch in (*left[:-2], *right[:-2]):
        yield BlockLimit(batch, maximum=1)
