"""A statement as it stands in its file, in which it may be indented, in; its text at the left margin out, with the same meaning."""

from __future__ import annotations

import ast
import textwrap

# What goes on over a line's end without brackets: such a line's blanks at its start may be part of a string.
_NOT_MOVED_ALONG = ('"""', "'''", "\\\n")


def at_the_margin(text: str, column: int) -> str:
    """The statement `text`, whose first line stood at `column`. It keeps its layout, unless lines of it are no code that moves along:
    those of a string, or less indented than the first."""
    if "\n" not in text:
        return text
    moves_along = all(not line.strip() or not line[:column].strip() for line in text.splitlines()[1:])
    if moves_along and not any(mark in text for mark in _NOT_MOVED_ALONG):
        return textwrap.dedent(" " * column + text)
    return "\n".join(ast.unparse(statement) for statement in _parsed(text, column))


def _parsed(text: str, column: int) -> list[ast.stmt]:
    if not column:
        return ast.parse(text).body
    (around,) = ast.parse(f"if True:\n{' ' * column}{text}").body
    assert isinstance(around, ast.If)
    return around.body
