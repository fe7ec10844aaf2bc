"""Which names a list of statements gives values to, in order of the text, and which it reads; inner functions have scopes of their own."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import lru_cache

_INNER_SCOPES = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def assigned_names(body: Iterable[ast.AST]) -> tuple[str, ...]:
    """Every name that the statements bind in their own scope, blocks included; a comprehension's targets are its own."""
    return tuple(dict.fromkeys(every_assigned_name(body)))


def every_assigned_name(body: Iterable[ast.AST]) -> Iterator[str]:
    """The same names, each as often as it is bound."""
    return (name for statement in body for name in _names(statement))


def _names(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name(id=name, ctx=ast.Store()):
            yield name
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
            return
        case ast.alias(name=name, asname=alias):
            yield alias or name.split(".")[0]
        case ast.ExceptHandler(name=str() as name) | ast.MatchAs(name=str() as name) | ast.MatchStar(name=str() as name):
            yield name
        case ast.MatchMapping(rest=str() as name):
            yield name
        case _ if isinstance(node, _INNER_SCOPES):
            yield from (inner.target.id for inner in ast.walk(node) if isinstance(inner, ast.NamedExpr))
            return
        case _:
            pass
    for child in ast.iter_child_nodes(node):
        yield from _names(child)


@lru_cache(maxsize=32)
def nodes_of(root: ast.AST) -> tuple[ast.AST, ...]:
    """`ast.walk`, remembered: a kernel's nodes are gone over many times a check, and trees do not change once they are parsed."""
    return tuple(ast.walk(root))


def read_names(body: Iterable[ast.AST]) -> frozenset[str]:
    """Every name that the statements read anywhere in them."""
    nodes = [node for statement in body for node in ast.walk(statement)]
    updated = [node.target for node in nodes if isinstance(node, ast.AugAssign)]
    loaded = [node for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)]
    return frozenset(node.id for node in (*loaded, *updated) if isinstance(node, ast.Name))
