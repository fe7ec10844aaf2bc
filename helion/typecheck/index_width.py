"""A checked kernel in, the accesses whose offsets do not fit 32 bits out; sizes that are named are taken from the call at hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import sympy
import torch

from helion.diagnostics.catalog.indexing import IndexTypeTooSmall, OffsetTooLarge
from helion.diagnostics.diagnostic import Diagnostic
from helion.ops.table import OPS
from helion.settings import Settings
from helion.typed_kernel import tree
from helion.typed_kernel.queries import walk
from helion.types.dims import Dim, constant, substitute
from helion.types.types import SequenceType, TensorType, Type

MAX_INT32 = 2**31 - 1


def needs_64_bits(kernel: tree.TypedKernel) -> bool:
    """Whether an access reaches further than 32 bits can say."""
    return any(True for _ in wide_accesses(kernel))


def too_small_index_types(kernel: tree.TypedKernel, settings: Settings) -> Iterator[Diagnostic]:
    """What is wrong with an explicit `index_dtype=torch.int32`."""
    if settings.index_dtype != torch.int32:
        return
    reported: set[str] = set()
    for parameter in kernel.parameters:
        for tensor in _tensors(parameter.binding.type):
            if (_count(tensor, kernel.hints) or 0) > MAX_INT32:
                reported.add(parameter.binding.name)
                yield IndexTypeTooSmall(parameter.binding.span, f"`{parameter.binding.name}`, {tensor},", str(settings.index_dtype))
    for tensor in wide_accesses(kernel):
        text = kernel.file.text_of(tensor.span)
        if text not in reported:
            yield OffsetTooLarge(tensor.span, f"`{text}`, {tensor.type},")


def named_reaches(kernel: tree.TypedKernel) -> tuple[Dim, ...]:
    """How far accesses reach in tensors that the host makes, where only a call says: arguments are told apart by their sizes anyway."""
    given = {t.shape for p in kernel.parameters for t in _tensors(p.binding.type)}
    found: dict[Dim, None] = {}
    for expr in _accessed(kernel):
        type_ = expr.type
        if not isinstance(type_, TensorType) or type_.rank is None or type_.shape in given:
            continue
        strides = type_.stride or ()
        if all(constant(size) is not None for size in (*type_.dims, *strides)):
            continue  # nothing is left to a call; sympy's first sum of a process takes a fifth of a second to import what it does not need
        found[sympy.Mul(*type_.dims)] = None
        found[sympy.Add(*((size - 1) * stride for size, stride in zip(type_.dims, strides, strict=False)))] = None
    return tuple(reach for reach in found if reach.free_symbols)


def wide_accesses(kernel: tree.TypedKernel) -> Iterator[tree.Expr]:
    """The tensors of accesses with elements too far from their first."""
    for tensor in _accessed(kernel):
        if isinstance(tensor.type, TensorType) and tensor.type.rank is not None and _reach(tensor.type, kernel.hints) > MAX_INT32:
            yield tensor


def _accessed(kernel: tree.TypedKernel) -> Iterator[tree.Expr]:
    for expr in walk(kernel):
        op = OPS.find(expr.target) if isinstance(expr, tree.Call) else None
        if op is not None and op.accesses is not None and isinstance(expr, tree.Call):
            yield expr.args[0]


def _tensors(type_: Type) -> Iterator[TensorType]:
    if isinstance(type_, TensorType):
        yield type_
    elif isinstance(type_, SequenceType):
        for item in type_.items:
            yield from _tensors(item)


def _reach(tensor: TensorType, hints: Mapping[Any, int]) -> int:
    """How many elements there are, or the largest offset if that is more; 0 where it is not known."""
    count = _count(tensor, hints)
    if not count:
        return 0
    strides = [None if tensor.stride is None else _number(s, hints) for s in tensor.stride or ()]
    sizes = [_number(d, hints) for d in tensor.dims]
    offset = sum((size - 1) * stride for size, stride in zip(sizes, strides, strict=False) if size is not None and stride is not None)
    return max(count, offset)


def _count(tensor: TensorType, hints: Mapping[Any, int]) -> int | None:
    if tensor.rank is None:
        return None
    total = 1
    for size in tensor.dims:
        number = _number(size, hints)
        if number is None:
            return None
        total *= number
    return total


def _number(size: Dim, hints: Mapping[Any, int]) -> int | None:
    return constant(substitute(size, {s: sympy.Integer(hints[s]) for s in size.free_symbols if s in hints}))
