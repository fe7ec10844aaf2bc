"""Assembly on each element of a tile: `hl.inline_asm_elementwise`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn, overload

import torch

from helion import exc
from helion.diagnostics.catalog.arguments import InvalidArgument
from helion.diagnostics.catalog.shapes import ShapeMismatch
from helion.ops.contexts import EmitContext, TypingContext
from helion.ops.inside_kernel import only_inside_kernel
from helion.ops.operation import Op
from helion.types.dims import constant
from helion.types.dtypes import triton_name
from helion.types.types import ConstantType, DtypeType, NumberType, Region, SequenceType, TensorType, Type, UnknownType

_NAME = "hl.inline_asm_elementwise"


@overload
def inline_asm_elementwise(
    asm: str, constraints: str, args: Sequence[torch.Tensor | float], dtype: torch.dtype, is_pure: bool, pack: int
) -> torch.Tensor: ...
@overload
def inline_asm_elementwise(
    asm: str, constraints: str, args: Sequence[torch.Tensor | float], dtype: Sequence[torch.dtype], is_pure: bool, pack: int
) -> tuple[torch.Tensor, ...]: ...
def inline_asm_elementwise(
    asm: str,
    constraints: str,
    args: Sequence[torch.Tensor | float],
    dtype: torch.dtype | Sequence[torch.dtype],
    is_pure: bool,
    pack: int,
) -> Any:
    """Run assembly (PTX on NVIDIA) on each element of values that are broadcast together.

    `asm` names its operands `$0`, `$1`, ..., results first; `constraints` says in LLVM's notation which registers they are in. `pack`
    elements are processed by one run of the assembly. The result is a value of `dtype`, or with several dtypes a tuple of values.
    Unless `is_pure`, the assembly runs even if nobody reads its results. There is no assembly in reference mode or under Triton's
    interpreter.

    Example:
        >>> fast = hl.inline_asm_elementwise("ex2.approx.ftz.f32 $0, $1;", "=f,f", [x[tile]], torch.float32, True, 1)
    """
    only_inside_kernel(_NAME)


def infer_inline_asm(ctx: TypingContext, asm: Type, constraints: Type, args: Type, dtype: Type, is_pure: Type, pack: Type) -> Type:
    for value, name in ((asm, "asm"), (constraints, "constraints")):
        if not (isinstance(value, ConstantType) and isinstance(value.value, str)):
            return _refused(ctx, name, f"{name} must be a literal string, not {value}")
    values = args.items if isinstance(args, SequenceType) else None
    if values is None or not all(isinstance(v, TensorType | NumberType | UnknownType) for v in values):
        return _refused(ctx, "args", f"args must be a list of values and numbers, not {args}")
    dtypes = dtype.items if isinstance(dtype, SequenceType) else (dtype,)
    if not dtypes or not all(isinstance(d, DtypeType) for d in dtypes):
        return _refused(ctx, "dtype", f"dtype must be a dtype or several, not {dtype}")
    if not (isinstance(is_pure, NumberType) and is_pure.kind is bool and is_pure.value is not None):
        return _refused(ctx, "is_pure", f"is_pure must be True or False, not {is_pure}")
    if not (isinstance(pack, NumberType) and (constant(pack.as_dim) or 0) > 0):
        return _refused(ctx, "pack", f"pack must be a positive constant, not {pack}")
    tensors = [v for v in values if isinstance(v, TensorType)]
    shape = ctx.broadcast(*(t.shape for t in tensors))
    if shape is None:
        return ctx.report(ShapeMismatch(ctx.argument_span("args"), str(tensors[0]), str(tensors[-1])))
    results = tuple(TensorType(shape, d.dtype, Region.DEVICE) for d in dtypes if isinstance(d, DtypeType))
    return SequenceType(results) if isinstance(dtype, SequenceType) else results[0]


def _refused(ctx: TypingContext, parameter: str, why: str) -> UnknownType:
    return ctx.report(InvalidArgument(ctx.argument_span(parameter), _NAME, why))


def emit_inline_asm(ctx: EmitContext, asm: str, constraints: str, args: Any, dtype: Any, is_pure: bool, pack: int) -> Any:
    result = ctx.result_type
    several = isinstance(result, SequenceType)
    first = result.items[0] if isinstance(result, SequenceType) else result
    assert isinstance(first, TensorType)
    texts = [ctx.aligned(value, first.dims) for value in args]
    if texts and len(ctx.physical_dims(first.dims)) > 0:
        texts[0] = f"tl.broadcast_to({texts[0]}, {ctx.physical_shape(first.dims)})"
    names = [triton_name(d) for d in dtype] if several else triton_name(dtype)
    listed = f"({', '.join(names)},)" if several else names
    call = f"tl.inline_asm_elementwise({asm!r}, {constraints!r}, [{', '.join(texts)}], dtype={listed}, is_pure={is_pure}, pack={pack})"
    if not several:
        return call
    results = ctx.temporary("results", call)
    return tuple(f"{results}[{i}]" for i in range(len(names)))


def run_inline_asm(*args: Any, **options: Any) -> NoReturn:
    raise exc.BackendImplementationMissing(f"{_NAME} has no eager meaning: it runs on a GPU only")


OPS = (
    Op(
        _NAME,
        inline_asm_elementwise,
        Region.DEVICE,
        infer=infer_inline_asm,
        emit=emit_inline_asm,
        run=run_inline_asm,
        has_effect=True,
        keeps_position=True,
    ),
)
