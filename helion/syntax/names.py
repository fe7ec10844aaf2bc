"""Which names a list of statements assigns, in order of first appearance; knows no scopes."""

from __future__ import annotations

import ast
from collections.abc import Iterable


def assigned_names(body: Iterable[ast.AST]) -> tuple[str, ...]:
    """Every name that a store context mentions, inner blocks included."""
    found: dict[str, None] = {}
    for statement in body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                found[node.id] = None
    return tuple(found)
