"""Torch's other names for products, which come down to matrix products when they are lowered: `linear`, `einsum`, `inner`.

Their rules say which sizes must be equal, so that sizes with different names are taken to be; the rest is for torch to say.
"""

from __future__ import annotations

import torch
from torch.nn import functional

from helion.diagnostics.catalog.shapes import DotShapeMismatch
from helion.ops.contexts import TypingContext
from helion.ops.operation import Op
from helion.types.dims import Dim, Verdict
from helion.types.types import ConstantType, SequenceType, TensorType, Type

NONE = ConstantType(None)


def infer_linear(ctx: TypingContext, input: Type, weight: Type, bias: Type = NONE) -> Type:
    _unify_last(ctx, input, weight)
    if isinstance(weight, TensorType) and isinstance(bias, TensorType) and weight.rank == 2 and bias.rank == 1:
        _unify(ctx, weight.dims[0], bias.dims[0], weight, bias)
    return ctx.torch_type(functional.linear, (input, weight, bias), {})


def infer_inner(ctx: TypingContext, input: Type, other: Type) -> Type:
    _unify_last(ctx, input, other)
    return ctx.torch_type(torch.inner, (input, other), {})


def infer_einsum(ctx: TypingContext, equation: Type, *operands: Type) -> Type:
    values = operands[0].items if len(operands) == 1 and isinstance(operands[0], SequenceType) else operands
    text = equation.value if isinstance(equation, ConstantType) else None
    if isinstance(text, str) and "." not in text:
        known: dict[str, tuple[Dim, TensorType]] = {}
        for letters, value in zip(text.split("->")[0].replace(" ", "").split(","), values, strict=False):
            if not isinstance(value, TensorType) or value.rank != len(letters):
                continue
            for letter, size in zip(letters, value.dims, strict=True):
                first, owner = known.setdefault(letter, (size, value))
                _unify(ctx, first, size, owner, value)
    return ctx.torch_type(torch.einsum, (equation, *operands), {})


def _unify_last(ctx: TypingContext, left: Type, right: Type) -> None:
    if isinstance(left, TensorType) and isinstance(right, TensorType) and left.rank and right.rank:
        _unify(ctx, left.dims[-1], right.dims[-1], left, right)


def _unify(ctx: TypingContext, size: Dim, other: Dim, left: TensorType, right: TensorType) -> None:
    """Take two sizes to be equal; reported when they cannot be. A size of 1 is for torch to judge."""
    if 1 not in (size, other) and ctx.require_equal(size, other) is Verdict.DIFFERENT:
        ctx.report(DotShapeMismatch(ctx.span, str(left), str(right), f"the sizes {size} and {other} differ"))


OPS = (
    Op("torch.nn.functional.linear", functional.linear, infer=infer_linear),
    Op("torch.inner", torch.inner, methods=("inner",), infer=infer_inner),
    Op("torch.einsum", torch.einsum, infer=infer_einsum),
)
