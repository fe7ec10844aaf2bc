"""A typed kernel in, where the dtype of each tensor expression comes from out, in words."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping

import torch

from helion.ops.table import OPS
from helion.source import Span
from helion.typed_kernel import tree
from helion.typed_kernel.queries import expressions
from helion.types.dtypes import short_name
from helion.types.types import ConstantType, DtypeType, NumberType, TensorType


def dtype_origins(kernel: tree.TypedKernel) -> Mapping[Span, str]:
    """By span: calls by their operands, bindings by their value, reads by their bindings where those agree."""
    calls = {e.span: words for e in expressions(kernel) if isinstance(e, tree.Call) and (words := _of_call(kernel, e)) is not None}
    bound: dict[str, set[str | None]] = {}
    found = dict(calls)
    for target, value in _assignments(kernel.body):
        words = calls.get(value.span)
        bound.setdefault(target.name, set()).add(words)
        if words is not None:
            found.setdefault(target.span, words)
    for parameter in kernel.parameters:
        bound.setdefault(parameter.binding.name, set()).add(None)
    for expression in expressions(kernel):
        if isinstance(expression, tree.Name) and isinstance(expression.type, TensorType):
            agreed = bound.get(expression.name, {None})
            if len(agreed) == 1 and (words := next(iter(agreed))) is not None:
                found.setdefault(expression.span, words)
    return found


def _assignments(body: tuple[tree.Stmt, ...]) -> Iterator[tuple[tree.Binding, tree.Expr]]:
    for statement in body:
        match statement:
            case tree.Assign(target=target, value=value):
                yield target, value
            case tree.HostStatement(values=[value, *_], bindings=[target]):
                yield target, value
            case tree.Loop(body=inner) | tree.While(body=inner):
                yield from _assignments(inner)
            case tree.If(then=then, otherwise=otherwise):
                yield from _assignments((*then, *otherwise))
            case _:
                pass


def _of_call(kernel: tree.TypedKernel, call: tree.Call) -> str | None:
    type_ = call.type
    if not isinstance(type_, TensorType):
        return None
    op = OPS.find(call.target)
    if op is not None and op.accesses is not None:
        return f"dtype of `{kernel.file.text_of(call.args[0].span)}`{'' if type_.dtype is not None else ', which nothing says'}"
    if type_.dtype is None:
        return None
    if any(isinstance(part.type, DtypeType) and part.type.dtype == type_.dtype for part in _given(call)):
        return "dtype given in the call"
    operands = [
        (part, part.type.dtype) for part in tree.children(call) if isinstance(part.type, TensorType) and part.type.dtype is not None
    ]
    dtypes = dict.fromkeys(dtype for _, dtype in operands)
    if len(dtypes) > 1:
        return f"dtype from {' and '.join(short_name(d) for d in dtypes)}, by {_rule(call, dtypes, type_.dtype)}"
    if dtypes and next(iter(dtypes)) != type_.dtype:
        return f"dtype from {short_name(next(iter(dtypes)))}, by {_rule(call, dtypes, type_.dtype)}"
    if not dtypes:
        return "dtype is the default" if any(not isinstance(p.type, NumberType | ConstantType) for p in call.args) else None
    part = operands[0][0]
    text = kernel.file.text_of(part.span)
    return f"dtype of `{text}`" if text.isidentifier() else "dtype of its operands"


def _given(call: tree.Call) -> tuple[tree.Expr, ...]:
    return (*call.args, *(value for _, value in call.kwargs))


def _rule(call: tree.Call, dtypes: Mapping[torch.dtype, object], result: torch.dtype) -> str:
    """Promotion where that explains it, else what the function does."""
    first, *others = dtypes
    try:
        promoted = functools.reduce(torch.promote_types, others, first)
    except RuntimeError:  # fp8 is never promoted
        promoted = None
    if promoted == result and len(dtypes) > 1:
        return "promotion"
    return f"the rule of `{getattr(call.target, '__name__', 'the call')}`"
