"""Operands whose shapes do not fit in, what makes them fit out: dims of length 1 where sizes say so, or a transposed matrix."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from helion.diagnostics.catalog.shapes import DotShapeMismatch, ShapeMismatch
from helion.diagnostics.diagnostic import Diagnostic, Fix, TextEdit
from helion.types.dims import BlockSymbol, Dim
from helion.types.types import TensorType
from helion_lsp.worker.fixes.around import Around
from helion_lsp.worker.fixes.operands import operands_of

_SIMPLE = ast.Name | ast.Call | ast.Subscript | ast.Attribute
_WITH_OPERANDS = ast.BinOp | ast.Call | ast.Compare
_Operand = tuple[ast.expr, TensorType]


def operand_shape_fixes(diagnostic: Diagnostic, around: Around) -> Iterator[Fix]:
    if not isinstance(diagnostic, ShapeMismatch | DotShapeMismatch):
        return
    node = next((n for n in around.enclosing(diagnostic.span) if isinstance(n, _WITH_OPERANDS)), None)
    if node is None:
        return
    given = [(operand, tensor) for operand in operands_of(node) if (tensor := around.tensor(around.span(operand))) is not None]
    left = next((one for one in given if str(one[1]) == diagnostic.left), None)
    right = next((one for one in reversed(given) if str(one[1]) == diagnostic.right), None)
    if left is None or right is None or left is right or None in (left[1].rank, right[1].rank):
        return
    if isinstance(diagnostic, ShapeMismatch):
        yield from _with_dims(left, right, around)
    else:
        yield from _transposed(left, right, around)


def _with_dims(left: _Operand, right: _Operand, around: Around) -> Iterator[Fix]:
    """`alpha[:, :, None]` beside `acc`: torch aligns shapes from the last dim, but sizes say that they belong to the first."""
    (operand, shorter), (_, longer) = sorted((left, right), key=lambda one: len(one[1].dims))
    places = _places(shorter.dims, longer.dims)
    if places is not None:
        subscript = ", ".join(":" if place in places else "None" for place in range(len(longer.dims)))
        yield _fix(f"Broadcast `{around.text(operand)}` over the dims that it lacks", operand, f"[{subscript}]", around)


def _places(shorter: Sequence[Dim], longer: Sequence[Dim]) -> set[int] | None:
    """Where each size of the shorter one stands in the longer one; None where one does not, or the order is another."""
    if len(shorter) == len(longer):
        return None
    found: set[int] = set()
    at = 0
    for size in shorter:
        while at < len(longer) and longer[at] != size:
            at += 1
        if at == len(longer):
            return None
        found.add(at)
        at += 1
    return found


def _transposed(left: _Operand, right: _Operand, around: Around) -> Iterator[Fix]:
    (_, first), (operand, second) = left, right
    if len(first.dims) != len(second.dims) or len(first.dims) < 2:
        return
    if _may_agree(first.dims[-1], second.dims[-1]):
        yield _fix(f"Transpose `{around.text(operand)}`", operand, ".transpose(-2, -1)", around)
    elif _may_agree(first.dims[-2], second.dims[-2]):
        yield _fix(f"Transpose `{around.text(left[0])}`", left[0], ".transpose(-2, -1)", around)


def _may_agree(one: Dim, other: Dim) -> bool:
    """Sizes of tensors may be assumed to be equal, lengths of tiles are what they are."""
    return one == other or not any(size.has(BlockSymbol) for size in (one, other))


def _fix(title: str, operand: ast.expr, behind: str, around: Around) -> Fix:
    text = around.text(operand)
    return Fix(title, (TextEdit(around.span(operand), f"{text if isinstance(operand, _SIMPLE) else f'({text})'}{behind}"),), safe=False)
