"""Which names a list of statements gives values to, in order of the text, and which it reads; inner functions have scopes of their own."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from typing import cast

from helion.syntax.remembered import remembered


def assigned_names(body: Iterable[ast.AST]) -> tuple[str, ...]:
    """Every name that the statements bind in their own scope, blocks included; a comprehension's targets are its own."""
    return tuple(dict.fromkeys(every_assigned_name(body)))


def every_assigned_name(body: Iterable[ast.AST]) -> list[str]:
    """The same names, each as often as it is bound."""
    found: list[str] = []
    for statement in body:
        _add_names(statement, found)
    return found


def _add_names(node: ast.AST, found: list[str]) -> None:
    """A kernel has hundreds of nodes that bind nothing: they are told by their class, at once."""
    match node:
        case ast.Constant() | ast.expr_context() | ast.operator():
            return
        case ast.Name():
            if isinstance(node.ctx, ast.Store):
                found.append(node.id)
            return
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            found.append(name)
            return
        case ast.Lambda() | ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            found += [inner.target.id for inner in ast.walk(node) if isinstance(inner, ast.NamedExpr)]
            return
        case ast.Attribute() | ast.Subscript() | ast.Call() | ast.BinOp() | ast.Assign():
            pass  # most of the others
        case ast.alias(name=name, asname=alias):
            found.append(alias or name.split(".")[0])
        case ast.ExceptHandler(name=str() as name) | ast.MatchAs(name=str() as name) | ast.MatchStar(name=str() as name):
            found.append(name)
        case ast.MatchMapping(rest=str() as name):
            found.append(name)
        case _:
            pass
    for child in children_of(node):
        _add_names(child, found)


def _lines(root: ast.AST) -> int:
    """About how many lines a tree is of."""
    first, last = getattr(root, "lineno", 1), getattr(root, "end_lineno", 1)
    return int(last) - int(first) + 1


@remembered(_lines, most=2048)
def nodes_of(root: ast.AST) -> Sequence[ast.AST]:
    """`ast.walk`, remembered: a kernel's nodes are gone over many times a check, and trees do not change once they are parsed."""
    found = [root]
    for node in found:  # which grows meanwhile
        found += children_of(node)
    return found


def children_of(node: ast.AST) -> list[ast.AST]:
    """As `ast.iter_child_nodes`, in half the time."""
    found: list[ast.AST] = []
    for name in node._fields:
        value = getattr(node, name, None)
        if isinstance(value, ast.AST):
            found.append(value)
        elif isinstance(value, list):
            found += [one for one in cast("list[object]", value) if isinstance(one, ast.AST)]
    return found


def read_names(body: Iterable[ast.AST]) -> frozenset[str]:
    """Every name that the statements read anywhere in them."""
    nodes = [node for statement in body for node in nodes_of(statement)]
    updated = [node.target for node in nodes if isinstance(node, ast.AugAssign)]
    loaded = [node for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)]
    return frozenset(node.id for node in (*loaded, *updated) if isinstance(node, ast.Name))


def first_yield(function: ast.FunctionDef | ast.Lambda) -> ast.Yield | ast.YieldFrom | None:
    """What makes a function a generator; functions and classes inside it are not looked into."""
    waiting: list[ast.AST] = list(function.body) if isinstance(function, ast.FunctionDef) else [function.body]
    for node in waiting:  # which grows meanwhile
        if isinstance(node, ast.Yield | ast.YieldFrom):
            return node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            waiting += children_of(node)
    return None
