"""Matrix products: `hl.dot`, `torch.matmul`, `@`, `torch.mm`, `torch.bmm`, `torch.addmm`, `torch.baddbmm`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch

from helion.diagnostics.catalog.products import DotAccumulatorType, DotOperandsDiffer, Float8Matmul
from helion.diagnostics.catalog.shapes import DotOperandType, DotShapeMismatch
from helion.ops.contexts import EmitContext, TypingContext
from helion.ops.inside_kernel import only_inside_kernel
from helion.ops.operation import BlockLimit, Masks, Op
from helion.ops.product_code import Product, add_inside, emit_product, product_of
from helion.ops.product_types import FLOAT8, accumulator_dtype, common_dtype, matmul_shape, product_limits, product_shape
from helion.types import operators as operator
from helion.types.dims import Verdict
from helion.types.types import ConstantType, DtypeType, NumberType, Region, Shape, Star, TensorType, Type, UnknownType

NONE = ConstantType(None)
ONE = NumberType(int, None)
OPERAND_DTYPES = frozenset({torch.float16, torch.bfloat16, torch.float32, torch.int8}) | FLOAT8
ACCUMULATORS = frozenset({torch.float16, torch.float32})
_aten = torch.ops.aten


def dot(mat1: torch.Tensor, mat2: torch.Tensor, acc: torch.Tensor | None = None, out_dtype: torch.dtype | None = None) -> torch.Tensor:
    """Multiply two tiles on the tensor cores, `[m, k] @ [k, n]` or batched `[b, m, k] @ [b, k, n]`, adding to `acc` when given.

    Operands are float16, bfloat16, float32, int8 or fp8 (e4m3fn, e5m2); two dtypes are brought to their common one. A batch of 1 is
    shared. `acc` is float16 or float32, int32 for int8 operands, and has the result's shape. The result has `acc`'s dtype, else
    `out_dtype`, else float32 (int32 for int8 operands). The setting `dot_precision` says how float32 operands are multiplied.
    Blocks shorter than the tensor cores take are made longer.

    Example:
        >>> acc = hl.dot(x[tile_m, tile_k], y[tile_k, tile_n], acc=acc)
    """
    only_inside_kernel("hl.dot")


def infer_dot(ctx: TypingContext, mat1: Type, mat2: Type, acc: Type = NONE, out_dtype: Type = NONE) -> Type:
    for operand, name in ((mat1, "mat1"), (mat2, "mat2")):
        is_value = isinstance(operand, TensorType)
        if (not is_value and not isinstance(operand, UnknownType)) or (is_value and operand.dtype not in OPERAND_DTYPES | {None}):
            return ctx.report(DotOperandType(ctx.argument_span(name), str(operand)))
    shape = product_shape(ctx, mat1, mat2)
    common = _common(ctx, mat1, mat2)
    if isinstance(acc, TensorType):
        return _accumulated(ctx, acc, shape, common)
    if shape is None:
        return UnknownType("the operands are not known")
    if isinstance(out_dtype, DtypeType):
        return TensorType(shape, out_dtype.dtype, Region.DEVICE)
    return TensorType(shape, None if common is None else accumulator_dtype(common), Region.DEVICE)


def _common(ctx: TypingContext, mat1: Type, mat2: Type) -> torch.dtype | None:
    """The operands' common dtype; None when it is not known or (reported) there is none."""
    if not isinstance(mat1, TensorType) or not isinstance(mat2, TensorType) or mat1.dtype is None or mat2.dtype is None:
        return None
    common = common_dtype(mat1.dtype, mat2.dtype)
    if common is None:
        ctx.report(DotOperandsDiffer(ctx.span, str(mat1), str(mat2)))
    return common


def _accumulated(ctx: TypingContext, acc: TensorType, shape: Shape | None, common: torch.dtype | None) -> Type:
    where = ctx.argument_span("acc")
    allowed = ACCUMULATORS if common is None or common.is_floating_point else frozenset({torch.int32})
    if common is not None and acc.dtype is not None and acc.dtype not in allowed:
        return ctx.report(DotAccumulatorType(where, str(acc), "float16 or float32" if torch.int32 not in allowed else "int32"))
    if shape is not None and acc.rank is not None and not _same_shape(ctx, acc.shape, shape):
        return ctx.report(DotAccumulatorType(where, str(acc), str(TensorType(shape, acc.dtype, Region.DEVICE))))
    return acc


def _same_shape(ctx: TypingContext, left: Shape, right: Shape) -> bool:
    if len(left) != len(right):
        return False
    sizes = [(a, b) for a, b in zip(left, right, strict=True) if not isinstance(a, Star) and not isinstance(b, Star)]
    return all(ctx.require_equal(a, b) is not Verdict.DIFFERENT for a, b in sizes)


def emit_dot(ctx: EmitContext, mat1: Any, mat2: Any, acc: Any = None, out_dtype: Any = None) -> str:
    product, dtype = product_of(ctx, mat1, mat2), ctx.result_type.dtype
    return ctx.cast(emit_product(ctx, product), product.wide, dtype) if acc is None else _added(ctx, product, ctx.text(acc), dtype)


def _added(ctx: EmitContext, product: Product, acc: str, dtype: torch.dtype) -> str:
    """`acc + product` in the accumulator's dtype."""
    if add_inside(product, dtype):
        return emit_product(ctx, product, acc, dtype)
    return ctx.cast(f"({acc} + {emit_product(ctx, product)})", torch.promote_types(dtype, product.wide), dtype)


def run_dot(mat1: torch.Tensor, mat2: torch.Tensor, acc: torch.Tensor | None = None, out_dtype: torch.dtype | None = None) -> torch.Tensor:
    common = common_dtype(mat1.dtype, mat2.dtype)
    assert common is not None, f"{mat1.dtype} and {mat2.dtype} have no common dtype"
    product = _exact_product(mat1, mat2, accumulator_dtype(common))
    return (acc + product).to(acc.dtype) if acc is not None else product.to(out_dtype or product.dtype)


def _exact_product(left: torch.Tensor, right: torch.Tensor, wide: torch.dtype) -> torch.Tensor:
    """The product added up in `wide`; integers in float64, which holds them all and which every device multiplies."""
    carrier = wide if wide.is_floating_point else torch.float64
    return torch.matmul(left.to(carrier), right.to(carrier)).to(wide)


# -- torch's products -----------------------------------------------------------------------------------------------


def infer_matmul(ctx: TypingContext, input: Type, other: Type) -> Type:
    if not isinstance(input, TensorType) or not isinstance(other, TensorType):
        return UnknownType("the operands are not known")
    common = None if Region.DEVICE not in (ctx.region, input.region, other.region) else _common(ctx, input, other)
    if common in FLOAT8:
        return ctx.report(Float8Matmul(ctx.span, str(input), str(other)))
    if input.rank is None or other.rank is None:
        found = ctx.torch_type(torch.matmul, (_carried(input, common), _carried(other, common)), {})
        return TensorType(found.shape, common, found.region) if isinstance(found, TensorType) and common is not None else found
    shape = matmul_shape(ctx, input, other)
    if shape is None:
        return UnknownType("the operands do not fit")
    return TensorType(shape, common or _same_dtype(input, other), _region(ctx, input, other))


def _same_dtype(left: TensorType, right: TensorType) -> torch.dtype | None:
    return left.dtype if left.dtype == right.dtype else None


def _carried(operand: TensorType, dtype: torch.dtype | None) -> TensorType:
    """The operand as torch takes it, which multiplies equal dtypes only."""
    return operand if dtype is None else TensorType(operand.shape, dtype, operand.region)


def _region(ctx: TypingContext, *types: Type) -> Region:
    device = any(isinstance(t, TensorType) and t.region is Region.DEVICE for t in types)
    return Region.DEVICE if device or ctx.region is Region.DEVICE else Region.HOST


def infer_mm(ctx: TypingContext, input: Type, mat2: Type, *, out_dtype: Type = NONE) -> Type:
    return _infer_of_rank(ctx, 2, input, mat2, out_dtype)


def infer_bmm(ctx: TypingContext, input: Type, mat2: Type, *, out_dtype: Type = NONE) -> Type:
    return _infer_of_rank(ctx, 3, input, mat2, out_dtype)


def _infer_of_rank(ctx: TypingContext, rank: int, input: Type, mat2: Type, out_dtype: Type) -> Type:
    if any(isinstance(operand, TensorType) and operand.rank not in (None, rank) for operand in (input, mat2)):
        return ctx.report(DotShapeMismatch(ctx.span, str(input), str(mat2), f"both operands must have rank {rank}"))
    found = infer_matmul(ctx, input, mat2)
    if isinstance(found, TensorType) and isinstance(out_dtype, DtypeType):
        return TensorType(found.shape, out_dtype.dtype, found.region)
    return found


def emit_matmul(ctx: EmitContext, input: Any, other: Any) -> str:
    product = product_of(ctx, input, other)
    return ctx.cast(emit_product(ctx, product), product.wide, ctx.result_type.dtype)


def emit_mm(ctx: EmitContext, input: Any, mat2: Any, *, out_dtype: Any = None) -> str:
    return emit_matmul(ctx, input, mat2)


def run_matmul(input: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    return run_mm(input, other)


def run_mm(input: torch.Tensor, mat2: torch.Tensor, *, out_dtype: torch.dtype | None = None) -> torch.Tensor:
    common = torch.promote_types(input.dtype, mat2.dtype)
    return _exact_product(input, mat2, accumulator_dtype(common)).to(out_dtype or common)


def infer_addmm(ctx: TypingContext, input: Type, mat1: Type, mat2: Type, *, beta: Type = ONE, alpha: Type = ONE) -> Type:
    shape = product_shape(ctx, mat1, mat2)
    if _region(ctx, input, mat1, mat2) is Region.DEVICE:
        _common(ctx, mat1, mat2)
    if shape is None or not isinstance(input, TensorType):
        return input if isinstance(input, TensorType) else UnknownType("the operands are not known")
    joined = None if input.rank is None else ctx.broadcast(input.shape, shape)
    if input.rank is not None and (joined is None or len(joined) != len(shape)):
        return ctx.report(DotShapeMismatch(ctx.argument_span("input"), str(mat1), str(mat2), f"the input is {input}"))
    return TensorType(shape, input.dtype, _region(ctx, input, mat1, mat2))


def infer_baddbmm(ctx: TypingContext, input: Type, batch1: Type, batch2: Type, *, beta: Type = ONE, alpha: Type = ONE) -> Type:
    return infer_addmm(ctx, input, batch1, batch2, beta=beta, alpha=alpha)


def emit_addmm(ctx: EmitContext, input: Any, mat1: Any, mat2: Any, *, beta: Any = 1, alpha: Any = 1) -> str:
    result, start, product = ctx.result_type, ctx.type_of(input), product_of(ctx, mat1, mat2)
    assert isinstance(start, TensorType) and start.dtype is not None
    if beta == 1 and alpha == 1 and start.dims == result.dims and start.dtype == product.wide:
        return emit_product(ctx, product, ctx.text(input), start.dtype)
    text = emit_product(ctx, product)
    scaled = text if alpha == 1 else f"{ctx.text(alpha)} * {text}"
    first = ctx.aligned(input, result.dims)
    first = first if beta == 1 else f"{ctx.text(beta)} * {first}"
    return ctx.cast(f"({first} + {scaled})", torch.promote_types(start.dtype, product.wide), result.dtype)


def emit_baddbmm(ctx: EmitContext, input: Any, batch1: Any, batch2: Any, *, beta: Any = 1, alpha: Any = 1) -> str:
    return emit_addmm(ctx, input, batch1, batch2, beta=beta, alpha=alpha)


def run_addmm(input: torch.Tensor, mat1: torch.Tensor, mat2: torch.Tensor, *, beta: Any = 1, alpha: Any = 1) -> torch.Tensor:
    common = common_dtype(mat1.dtype, mat2.dtype)
    assert common is not None, f"{mat1.dtype} and {mat2.dtype} have no common dtype"
    return (beta * input + alpha * _exact_product(mat1, mat2, accumulator_dtype(common))).to(input.dtype)


def run_baddbmm(input: torch.Tensor, batch1: torch.Tensor, batch2: torch.Tensor, *, beta: Any = 1, alpha: Any = 1) -> torch.Tensor:
    return run_addmm(input, batch1, batch2, beta=beta, alpha=alpha)


def dot_limits(minimum_dot: tuple[int, int, int], mat1: Type, mat2: Type, **rest: Type) -> Iterator[BlockLimit]:
    return product_limits(mat1, mat2, minimum_dot)


def matmul_limits(minimum_dot: tuple[int, int, int], input: Type, other: Type) -> Iterator[BlockLimit]:
    return product_limits(input, other, minimum_dot)


def mm_limits(minimum_dot: tuple[int, int, int], input: Type, mat2: Type, **rest: Type) -> Iterator[BlockLimit]:
    return product_limits(input, mat2, minimum_dot)


def baddbmm_limits(minimum_dot: tuple[int, int, int], batch1: Type, batch2: Type, **rest: Type) -> Iterator[BlockLimit]:
    return product_limits(batch1, batch2, minimum_dot)


_OPERANDS = Masks(inputs={"mat1": 0, "mat2": 0}, result=None)

OPS = (
    Op("hl.dot", dot, Region.DEVICE, infer=infer_dot, requires=dot_limits, masks=_OPERANDS, emit=emit_dot, run=run_dot, accumulates=True),
    Op(
        "torch.matmul",
        torch.matmul,
        aliases=(operator.matmul, _aten.mv.default, _aten.dot.default),
        methods=("matmul",),
        parameter_names=("input", "other"),
        infer=infer_matmul,
        requires=matmul_limits,
        emit=emit_matmul,
        run=run_matmul,
        rounds_product=True,
    ),
    Op(
        "torch.mm",
        torch.mm,
        aliases=(_aten.mm.default,),
        methods=("mm",),
        parameter_names=("input", "mat2"),
        infer=infer_mm,
        requires=mm_limits,
        emit=emit_mm,
        run=run_mm,
        rounds_product=True,
    ),
    Op(
        "torch.bmm",
        torch.bmm,
        aliases=(_aten.bmm.default,),
        methods=("bmm",),
        parameter_names=("input", "mat2"),
        infer=infer_bmm,
        requires=mm_limits,
        emit=emit_mm,
        run=run_mm,
        rounds_product=True,
    ),
    Op(
        "torch.addmm",
        torch.addmm,
        aliases=(_aten.addmm.default,),
        methods=("addmm",),
        parameter_names=("input", "mat1", "mat2"),
        infer=infer_addmm,
        requires=dot_limits,
        emit=emit_addmm,
        run=run_addmm,
        accumulates=True,
    ),
    Op(
        "torch.baddbmm",
        torch.baddbmm,
        aliases=(_aten.baddbmm.default,),
        methods=("baddbmm",),
        parameter_names=("input", "batch1", "batch2"),
        infer=infer_baddbmm,
        requires=baddbmm_limits,
        emit=emit_baddbmm,
        run=run_baddbmm,
        accumulates=True,
    ),
)
