"""Python text in, the name whose elements it gives in the same order under another shape out."""

from __future__ import annotations

import ast

_KEEP_ORDER = frozenset({"contiguous", "flatten", "ravel", "reshape", "squeeze", "unsqueeze", "view", "view_as"})


def reshaped_name(text: str) -> str | None:
    """`x` of `x.view(-1)`, and of the statement `flat = x.view(-1)`; None for anything else."""
    body = ast.parse(text).body
    match body:
        case [ast.Expr(value=value) | ast.Assign(targets=[ast.Name()], value=value)]:
            pass
        case _:
            return None
    match value:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method)) if method in _KEEP_ORDER:
            return name
        case _:
            return None
