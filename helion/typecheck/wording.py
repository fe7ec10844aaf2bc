"""A node of Python's grammar in, the word its writer typed out, for messages."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from types import MappingProxyType

_WORDS: Mapping[type[ast.AST], str] = MappingProxyType(
    {
        ast.FunctionDef: "`def`",
        ast.AsyncFunctionDef: "`async def`",
        ast.ClassDef: "`class`",
        ast.Delete: "`del`",
        ast.AsyncFor: "`async for`",
        ast.AsyncWith: "`async with`",
        ast.TryStar: "`try`",
        ast.ImportFrom: "`import`",
        ast.YieldFrom: "`yield from`",
        ast.JoinedStr: "an f-string",
        ast.Set: "a set",
        ast.SetComp: "a set comprehension",
        ast.Dict: "a dict",
        ast.Starred: "`*`",
        ast.NamedExpr: "`:=`",
    }
)


def word_of(node: ast.stmt | ast.expr) -> str:
    """`del` for a Delete, in backticks where it is a word of the language."""
    return _WORDS.get(type(node), f"`{type(node).__name__.lower()}`")
