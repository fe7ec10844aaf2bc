"""Checked device code in, a warning for each loop over K that rounds in every round out: products that are already of the operands' dtype
when they are added up, or an accumulator of 16 bits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import torch

from helion.diagnostics.catalog.products import RoundedAccumulation
from helion.diagnostics.diagnostic import Diagnostic
from helion.ops.table import OPS
from helion.typed_kernel import tree
from helion.types import operators as operator
from helion.types.dims import Dim
from helion.types.dtypes import short_name
from helion.types.types import TensorType


def rounded_accumulations(body: Iterable[tree.Stmt], inner: frozenset[Dim] = frozenset()) -> Iterator[Diagnostic]:
    """`inner` are the block sizes of the loops around `body` that run in order inside one program."""
    for statement in body:
        match statement:
            case tree.Loop(axes=axes, body=loop_body, is_grid=is_grid):
                blocks = frozenset(a.block.symbol for a in axes if a.block is not None and not is_grid)
                yield from rounded_accumulations(loop_body, inner | blocks)
            case tree.If(then=then, otherwise=otherwise):
                yield from rounded_accumulations((*then, *otherwise), inner)
            case tree.While(body=loop_body):
                yield from rounded_accumulations(loop_body, inner)
            case tree.Assign(target=target, value=tree.Call(target=function, args=(left, right))) if function is operator.add:
                for total, product in ((left, right), (right, left)):
                    is_total = isinstance(total, tree.Name) and total.name == target.name
                    if is_total and isinstance(product, tree.Call) and _is_rounded(product, inner):
                        yield RoundedAccumulation(product.span, target.name)
            case tree.Assign(target=target, value=tree.Call() as product):
                dtype = _narrow_accumulator(target.name, product, inner)
                if dtype is not None:
                    yield RoundedAccumulation(product.span, target.name, dtype)
            case _:
                pass


def _narrow_accumulator(name: str, call: tree.Call, inner: frozenset[Dim]) -> str | None:
    """The dtype of `acc` in `acc = torch.addmm(acc, a, b)`, where it has fewer bits than a float32 and the loop is over K."""
    op = OPS.find(call.target)
    given = (*call.args, *(value for _, value in call.kwargs))
    total = next((value for value in given if isinstance(value, tree.Name) and value.name == name), None)
    dtype = total.type.dtype if total is not None and isinstance(total.type, TensorType) else None
    if op is None or not op.accumulates or dtype is None or not dtype.is_floating_point or dtype.itemsize >= torch.float32.itemsize:
        return None
    left = next((value.type for value in given if value is not total), None)
    is_over_k = isinstance(left, TensorType) and left.rank is not None and bool(left.dims) and left.dims[-1] in inner
    return short_name(dtype) if is_over_k else None


def _is_rounded(call: tree.Call, inner: frozenset[Dim]) -> bool:
    op = OPS.find(call.target)
    if op is None or not op.rounds_product or not isinstance(call.type, TensorType):
        return False
    if call.type.dtype is not None and call.type.dtype.itemsize >= torch.float32.itemsize:
        return False
    left = call.args[0].type
    return isinstance(left, TensorType) and left.rank is not None and bool(left.dims) and left.dims[-1] in inner
