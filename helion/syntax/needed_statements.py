"""Statements in order and the names that are wanted after them in, those of the statements that the names come from out."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

from helion.syntax.names import assigned_names, read_names


def names_read(text: str) -> frozenset[str]:
    """The names that Python text reads."""
    return read_names(ast.parse(text).body)


def needed_statements(texts: Sequence[str], wanted: Iterable[str]) -> tuple[tuple[str, ...], frozenset[str]]:
    """The statements without which the `wanted` names would have other values, and every name that they read. A statement that binds
    nothing is kept for what it may do to the names it reads, if all that the others bind are kept too."""
    parsed = [ast.parse(text).body for text in texts]
    bound = {name for body in parsed for name in assigned_names(body)}
    live = set(wanted)
    kept: list[str] = []
    for text, body in zip(reversed(texts), reversed(parsed), strict=True):
        own, read = set(assigned_names(body)), read_names(body)
        if own & live or (not own and read & bound <= live):
            kept.append(text)
            live |= read
    return tuple(reversed(kept)), frozenset(live)


def returns_early(text: str) -> bool:
    """Whether a statement may return, other than as its last word."""
    body = ast.parse(text).body
    return any(isinstance(node, ast.Return) for statement in body for node in ast.walk(statement)) and not isinstance(body[0], ast.Return)
