"""A function's place (first line, and columns for a lambda) in, its syntax out."""

from __future__ import annotations

import ast

from helion.syntax.parse import function_syntax
from helion.syntax.tree import FunctionSyntax, ModuleSyntax


def function_at(module: ModuleSyntax, line: int, name: str) -> FunctionSyntax | None:
    """The `def` called `name` whose code object says it starts at 1-based `line` (its first decorator counts)."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef) and node.name == name:
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            if first <= line <= node.body[0].lineno:
                return function_syntax(module.file, node)
    return None


def lambda_at(module: ModuleSyntax, line: int, column: int | None, parameters: tuple[str, ...]) -> FunctionSyntax | None:
    """The lambda on 1-based `line` whose body holds UTF-8 `column` (any, when None) and that has these parameters."""
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Lambda) or tuple(a.arg for a in node.args.args) != parameters:
            continue
        if not node.lineno <= line <= (node.end_lineno or node.lineno):
            continue
        body = node.body
        if column is None or line != body.lineno or body.col_offset <= column <= (body.end_col_offset or 0):
            return function_syntax(module.file, node)
    return None
