"""The Triton text of matrix products: `tl.dot` where the tensor cores can do it, else multiply and sum; knows no types of calls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from helion.ops.contexts import EmitContext
from helion.ops.product_types import FLOAT8, TENSOR_CORE_DTYPES, accumulator_dtype, common_dtype, matrix_dims
from helion.types.dims import Dim
from helion.types.dtypes import short_name, triton_name
from helion.types.types import TensorType

_TURNED_BYTES = 2
# Each thread of Triton's products holds as many elements along K as 32 bits have of the narrowest elements that an operand was widened
# from, and eight such groups make a row: with a shorter K they are multiplied in the wrong places (up to 3.7; triton-lang/triton#11691).
_LANES_BITS = 8 * 32
_NARROWEST_BITS = 4
# What a product of Hopper's tensor cores has at least.
_ROWS_OF_A_WARP_GROUP = 64


@dataclass(frozen=True)
class Product:
    """`mat1 @ mat2`: both operands' dims as matrices (`matrix_dims`), and the dtypes they are multiplied and added up in."""

    mat1: Any
    mat2: Any
    left: tuple[Dim, ...]
    right: tuple[Dim, ...]
    common: torch.dtype
    wide: torch.dtype

    @property
    def batch(self) -> tuple[Dim, ...]:
        return tuple(a if b == 1 else b for a, b in zip(self.left[:-2], self.right[:-2], strict=True))


def product_of(ctx: EmitContext, mat1: Any, mat2: Any) -> Product:
    left, right = ctx.type_of(mat1), ctx.type_of(mat2)
    assert isinstance(left, TensorType) and isinstance(right, TensorType)
    assert left.dtype is not None and right.dtype is not None
    common = common_dtype(left.dtype, right.dtype)
    assert common is not None, "checked by the types"
    return Product(mat1, mat2, *matrix_dims(left.dims, right.dims), common, accumulator_dtype(common))


def emit_product(ctx: EmitContext, product: Product, acc: str | None = None, acc_dtype: torch.dtype | None = None) -> str:
    """The text of the product in its wide dtype. `acc` is added inside `tl.dot`, and may have the dtype `add_inside` allows."""
    sizes = (product.left[-2], product.left[-1], product.right[-1])
    if product.common not in TENSOR_CORE_DTYPES or len(ctx.physical_dims(sizes)) < len(sizes):
        ctx.decide("product", f"multiplied and summed without tensor cores: {_why_not_dot(ctx, product, sizes)}")
        text = _multiply_and_sum(ctx, product)
        return text if acc is None else f"({acc} + {text})"
    shape = " × ".join(ctx.dim(size) if ctx.length(size) is None else str(ctx.length(size)) for size in sizes)
    ctx.decide(
        "product", f"`tl.dot` of {short_name(product.common)}, M × K × N = {shape}, added up in {short_name(acc_dtype or product.wide)}"
    )
    first, second = _operands(ctx, product)
    precision = f", input_precision={ctx.dot_precision!r}" if product.common == torch.float32 else ""
    options = f"{precision}, out_dtype={triton_name(acc_dtype or product.wide)}"
    if _is_better_turned(ctx, product, sizes):
        ctx.decide("product", "turned, since its right operand is computed: tensor cores take only the left one from registers")
        plus = "" if acc is None else f", acc=tl.trans({acc})"
        return f"tl.trans(tl.dot(tl.trans({second}), tl.trans({first}){plus}{options}))"
    plus = "" if acc is None else f", acc={acc}"
    return f"tl.dot({first}, {second}{plus}{options})"


def _is_better_turned(ctx: EmitContext, product: Product, sizes: tuple[Dim, ...]) -> bool:
    """Whether `(B^T A^T)^T` spares a way of B through shared memory. Operands of 16 bits can be read either way round from there."""
    columns = ctx.length(sizes[2])
    return (
        ctx.multiplies_from_shared_memory
        and product.common.itemsize == _TURNED_BYTES
        and not ctx.physical_dims(product.batch)
        and columns is not None
        and columns >= _ROWS_OF_A_WARP_GROUP
        and _is_computed(ctx, product, product.mat2)
        and not _is_computed(ctx, product, product.mat1)
    )


def _is_computed(ctx: EmitContext, product: Product, operand: Any) -> bool:
    type_ = ctx.type_of(operand)
    return ctx.is_computed(operand) or (isinstance(type_, TensorType) and type_.dtype != product.common)


def _why_not_dot(ctx: EmitContext, product: Product, sizes: tuple[Dim, ...]) -> str:
    if product.common not in TENSOR_CORE_DTYPES:
        return f"they do not take {short_name(product.common)}"
    ones = [name for name, size in zip("MKN", sizes, strict=True) if not ctx.physical_dims((size,))]
    return f"{' and '.join(ones)} {'is' if len(ones) == 1 else 'are'} 1"


def add_inside(product: Product, acc: torch.dtype) -> bool:
    """Whether `tl.dot` can add to an accumulator of this dtype itself: float16 only to products of float16 and fp8."""
    return acc == product.wide or (acc == torch.float16 and product.common in FLOAT8 | {torch.float16})


def _operands(ctx: EmitContext, product: Product) -> tuple[str, str]:
    """Both operands in the common dtype with the inner dimension's invalid lanes at 0, of one batch, and long enough along K."""
    left = _operand(ctx, product, product.mat1, -1)
    right = _operand(ctx, product, product.mat2, -2)
    batch = product.batch
    if ctx.physical_dims(batch):
        left = _with_batch(ctx, left, product.left, (*batch, *product.left[-2:]))
        right = _with_batch(ctx, right, product.right, (*batch, *product.right[-2:]))
    return _with_minimum_k(ctx, product, left, right)


def _operand(ctx: EmitContext, product: Product, value: Any, inner: int) -> str:
    type_ = ctx.type_of(value)
    assert isinstance(type_, TensorType)
    text = ctx.masked(value, 0, (len(type_.dims) + inner,))
    return text if type_.dtype in FLOAT8 else ctx.cast(text, type_.dtype, product.common)


def _with_batch(ctx: EmitContext, text: str, own: tuple[Dim, ...], whole: tuple[Dim, ...]) -> str:
    if ctx.physical_dims(own) == ctx.physical_dims(whole):
        return text
    return f"tl.broadcast_to({ctx.expanded(text, ctx.physical_dims(own), whole)}, {ctx.physical_shape(whole)})"


def _with_minimum_k(ctx: EmitContext, product: Product, left: str, right: str) -> tuple[str, str]:
    """Operands whose K the tensor cores take: zeros are put between the elements of both, which adds nothing to any sum."""
    length = ctx.length(product.left[-1])
    bits = min(8 * product.common.itemsize, ctx.narrowest_bits(product.mat1, product.mat2))
    if length is None or length >= max(ctx.minimum_dot[2], _LANES_BITS // bits):
        return left, right
    needed = max(ctx.minimum_dot[2], _LANES_BITS // max(bits // 2, _NARROWEST_BITS))  # zeros are joined to the elements
    batch = [ctx.dim(d) for d in product.batch if ctx.physical_dims((d,))]
    m, n = ctx.dim(product.left[-2]), ctx.dim(product.right[-1])
    order = [*range(len(batch) + 1), len(batch) + 2, len(batch) + 1]
    while length < needed:
        length *= 2
        left, right = ctx.temporary("left", left), ctx.temporary("right", right)
        left = f"tl.reshape(tl.join({left}, tl.zeros_like({left})), [{', '.join([*batch, m, str(length)])}])"
        joined = f"tl.permute(tl.join({right}, tl.zeros_like({right})), {order})"
        right = f"tl.reshape({joined}, [{', '.join([*batch, str(length), n])}])"
    return left, right


def _multiply_and_sum(ctx: EmitContext, product: Product) -> str:
    """For M, N or K of length 1, which is not there for `tl.dot`, and for dtypes that tensor cores lack."""
    whole = (*product.batch, product.left[-2], product.left[-1], product.right[-1])
    inner = len(whole) - 2
    batch = len(product.batch)
    first = ctx.temporary("left", _widened(ctx, product, product.mat1, -1))
    second = ctx.temporary("right", _widened(ctx, product, product.mat2, -2))
    own_left = ctx.physical_dims(product.left)
    own_right = tuple(i if i < batch else i + 1 for i in ctx.physical_dims(product.right))
    text = f"{ctx.expanded(first, own_left, whole)} * {ctx.expanded(second, own_right, whole)}"
    kept = ctx.physical_dims(whole)
    return f"tl.sum({text}, {kept.index(inner)})" if inner in kept else f"({text})"


def _widened(ctx: EmitContext, product: Product, value: Any, inner: int) -> str:
    type_ = ctx.type_of(value)
    assert isinstance(type_, TensorType)
    position = max(len(type_.dims) + inner, 0)
    return ctx.cast(ctx.masked(value, 0, (position,)), type_.dtype, product.wide)
