"""One top-level statement in, the functions, assignments and calls in it out; it is gone through once, however often its file is parsed.

Statements that an edit did not touch are the same objects in the next tree (`syntax/sections.py`), so what was found of them holds.
"""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Iterator, Sequence

from helion.syntax.remembered import remembered


def _lines(statement: ast.stmt) -> int:
    """How many lines a statement has."""
    return (statement.end_lineno or statement.lineno) - statement.lineno + 1


@remembered(_lines)
def functions_in(statement: ast.stmt) -> tuple[tuple[str, ast.FunctionDef], ...]:
    """Every function with its qualified name, outer ones before inner ones."""
    return tuple(_functions([statement], ""))


@remembered(_lines)
def scopes_around_functions(statement: ast.stmt) -> tuple[tuple[str, Sequence[ast.stmt]], ...]:
    """The bodies of functions and classes that functions are defined in, each with its prefix."""
    return tuple(_scopes([statement], ""))


@remembered(_lines)
def assigned_calls(statement: ast.stmt) -> tuple[tuple[ast.Name, str, ast.Call], ...]:
    """The calls that names are given, each with the name and the prefix of where it stands."""
    return tuple(_assigned([statement], ""))


@remembered(_lines)
def calls_in(statement: ast.stmt) -> tuple[tuple[ast.FunctionDef | None, ast.Call, frozenset[str]], ...]:
    """The calls that name something, as what is called or as an argument, with the function that each stands in and the names."""
    found: list[tuple[ast.FunctionDef | None, ast.Call, frozenset[str]]] = []
    scopes = deque[tuple[ast.FunctionDef | None, Sequence[ast.stmt]]]([(None, [statement])])
    while scopes:
        scope, body = scopes.popleft()
        waiting = deque[ast.AST](body)
        while waiting:
            node = waiting.popleft()
            if isinstance(node, ast.FunctionDef):
                scopes.append((node, node.body))
                continue
            if isinstance(node, ast.Call):
                names = frozenset(n.id for n in (node.func, *node.args) if isinstance(n, ast.Name))
                if names:
                    found.append((scope, node, names))
            waiting.extend(ast.iter_child_nodes(node))
    return tuple(found)


def unconditional(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements in order, those under control flow (`if`, `try`, `with`, loops, `match`) like the rest."""
    for node in body:
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for part in ast.iter_child_nodes(node):
                if isinstance(part, ast.stmt):
                    yield from unconditional([part])
                elif isinstance(part, ast.ExceptHandler | ast.match_case):
                    yield from unconditional(part.body)


def _functions(body: Sequence[ast.stmt], prefix: str) -> Iterator[tuple[str, ast.FunctionDef]]:
    for node in unconditional(body):
        if isinstance(node, ast.FunctionDef):
            yield prefix + node.name, node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield from _functions(node.body, f"{prefix}{node.name}.")


def _scopes(body: Sequence[ast.stmt], prefix: str) -> Iterator[tuple[str, Sequence[ast.stmt]]]:
    for node in unconditional(body):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            scope = f"{prefix}{node.name}."
            if any(isinstance(inner, ast.FunctionDef) for inner in unconditional(node.body)):
                yield scope, node.body
            yield from _scopes(node.body, scope)


def _assigned(body: Sequence[ast.stmt], prefix: str) -> Iterator[tuple[ast.Name, str, ast.Call]]:
    for node in unconditional(body):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield from _assigned(node.body, f"{prefix}{name}.")
            case (
                ast.Assign(targets=[ast.Name() as target], value=ast.Call() as value)
                | ast.AnnAssign(target=ast.Name() as target, value=ast.Call() as value)
            ):
                yield target, prefix, value
            case _:
                pass
