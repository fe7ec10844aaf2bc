"""A statement moved to the margin means what it did where it stood, and looks as it did where it can."""

from __future__ import annotations

import ast
import textwrap

import pytest

from helion.syntax.statement_text import at_the_margin

_AS_IT_IS = {
    "one line": "a = f(x)  # why",
    "brackets": "a = f(\n        x,  # why\n        y,\n    )",
    "a block": "if x:\n        # why\n        a = 1\n\n    else:\n        a = 2",
}
_AS_IT_MEANS = {
    "a string of lines": 's = """\ntext\n  more"""',
    "an indented one": 's = """\n        text\n      more"""',
    "a formatted one": "s = f'''\n    {x}\n   '''",
    "a string over a line's end": "s = 'one\\\n    two'",
    "brackets that begin before": "a = f(\n  x,\n y)",
    "one in a block": 'if x:\n        s = """\n    text"""\n    else:\n        s = "a"',
}


def _stood(text: str, column: int) -> str:
    return f"def f(x, y):\n{' ' * column}{text}\n"


@pytest.mark.parametrize("name", [*_AS_IT_IS, *_AS_IT_MEANS])
@pytest.mark.parametrize("column", [0, 4])
def test_it_means_the_same(name: str, column: int) -> None:
    text = {**_AS_IT_IS, **_AS_IT_MEANS}[name]
    text = text if column else textwrap.dedent(" " * 4 + text) if name in _AS_IT_IS or "block" in name else text
    (function,) = ast.parse(_stood(text, column)).body if column else [ast.parse(text)]
    assert isinstance(function, ast.FunctionDef | ast.Module)
    moved = at_the_margin(text, column)
    assert ast.dump(ast.Module(ast.parse(moved).body, [])) == ast.dump(ast.Module(function.body, []))


@pytest.mark.parametrize("name", _AS_IT_IS)
def test_it_keeps_comments_and_lines(name: str) -> None:
    text = _AS_IT_IS[name]
    assert at_the_margin(text, 4) == textwrap.dedent(" " * 4 + text)


def test_what_follows_a_semicolon() -> None:
    assert at_the_margin("b = f(\n        x)", 11) == "b = f(x)"
