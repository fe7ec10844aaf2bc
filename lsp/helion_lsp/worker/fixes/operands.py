"""A diagnostic about operands that do not fit in, each operand's place with what it is out."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from helion.diagnostics.catalog.products import DotAccumulatorType, DotBatchMismatch
from helion.diagnostics.catalog.shapes import DotOperandType, DotShapeMismatch, ShapeMismatch
from helion.diagnostics.diagnostic import Diagnostic, Note
from helion_lsp.worker.fixes.around import Around

_ABOUT_OPERANDS = (ShapeMismatch, DotShapeMismatch, DotBatchMismatch, DotAccumulatorType, DotOperandType)


def operand_notes(diagnostic: Diagnostic, around: Around) -> Iterator[Note]:
    """`x[tile_m, tile_k]` is `bf16[tile_m, tile_k]`, at the operand."""
    if not isinstance(diagnostic, _ABOUT_OPERANDS):
        return
    node = next((n for n in around.enclosing(diagnostic.span) if isinstance(n, ast.BinOp | ast.Call | ast.Compare | ast.AugAssign)), None)
    for operand in () if node is None else operands_of(node):
        tensor = around.tensor(around.span(operand))
        if tensor is not None:
            yield Note(f"`{around.text(operand)}` is {tensor}", around.span(operand))


def operands_of(node: ast.BinOp | ast.Call | ast.Compare | ast.AugAssign) -> list[ast.expr]:
    """What an operator or a call is given, in the order of the text."""
    match node:
        case ast.BinOp(left=left, right=right):
            return [left, right]
        case ast.AugAssign(target=target, value=value):
            return [target, value]
        case ast.Compare(left=left, comparators=others):
            return [left, *others]
        case ast.Call(func=function, args=arguments, keywords=keywords):
            owner = [function.value] if isinstance(function, ast.Attribute) else []
            return [*owner, *arguments, *(k.value for k in keywords)]
