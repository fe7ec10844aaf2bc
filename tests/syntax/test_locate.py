"""A live function or lambda is found again in its text by what its code object says."""

from __future__ import annotations

import linecache
import types

import pytest

from helion.source import SourceFile
from helion.syntax.locate import function_at, lambda_at
from helion.syntax.names import assigned_names
from helion.syntax.parse import parse_module


def live(text: str, name: str) -> types.FunctionType:
    namespace: dict[str, object] = {"deco": lambda f: f, "decos": lambda *a: lambda f: f}
    linecache.cache["live.py"] = (len(text), None, text.splitlines(keepends=True), "live.py")
    exec(compile(text, "live.py", "exec"), namespace)
    found = namespace[name]
    assert isinstance(found, types.FunctionType)
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("def f(): return 1\n", "def f(): return 1"),
        ("def f(): return 1\ndef f(): return 2\n", "def f(): return 2"),
        ("@deco\n@decos(1,\n  2)\ndef f():\n    return 1\n", "def f():\n    return 1"),
        ("if False:\n    def f(): return 1\nelse:\n    @deco\n    def f(): return 2\n", "def f(): return 2"),
        ("class C:\n    def f(self): return 1\ndef f(): return 2\n", "def f(): return 2"),
        ("s = '😀'; g = 1\r\n\r\ndef f():\r\n    'é'\r\n    return 1\r\n", "def f():\r\n    'é'\r\n    return 1"),
        ("x = 1\n\f\ndef f():\n    return 1\n", "def f():\n    return 1"),
    ],
)
def test_a_function_is_found(text: str, expected: str) -> None:
    code = live(text, "f").__code__
    found = function_at(parse_module(SourceFile("live.py", text)), code.co_firstlineno, code.co_name)
    assert found is not None
    assert found.file.text_of(found.span) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("f = lambda x: x + 1\n", "lambda x: x + 1"),
        ("f, g = lambda x: x + 1, lambda x: x + 2\n", "lambda x: x + 1"),
        ("g, f = lambda x: '😀', lambda x: x + 2\n", "lambda x: x + 2"),
        ("f = deco(\n    lambda x: (\n        x + 1\n    )\n)\n", "lambda x: (\n        x + 1\n    )"),
        ("f = (lambda y: lambda x: x + y)(1)\n", "lambda x: x + y"),
    ],
)
def test_a_lambda_is_found(text: str, expected: str) -> None:
    code = live(text, "f").__code__
    line, _, column, _ = next(p for p in list(code.co_positions())[1:] if p[0] is not None and p[2] != p[3])
    assert line is not None
    found = lambda_at(parse_module(SourceFile("live.py", text)), line, column, code.co_varnames[: code.co_argcount])
    assert found is not None
    assert found.file.text_of(found.span) == expected


def test_what_is_not_there_is_not_found() -> None:
    module = parse_module(SourceFile("live.py", "def f(): pass\ng = lambda x: x\n"))
    assert function_at(module, 7, "f") is None
    assert function_at(module, 1, "g") is None
    assert lambda_at(module, 2, None, ("y",)) is None


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("a = b = 1\nc: int = 2\nd += 1", "a b c d"),
        ("(a, [b, *c]), d[0], e.f = x", "a b c"),
        ("for a, b in x:\n    if c:\n        d = 1\n    else:\n        e = 1\nf = 1", "a b d e f"),
        ("with x as a, y as (b, c):\n    d = 1", "a b c d"),
        ("a = (b := 1)", "a b"),
        ("a = [b for b in x if (c := b)]", "a c"),
        ("a = lambda b: (c := b)", "a c"),
        ("def a(b):\n    c = 1\nclass d:\n    e = 1", "a d"),
        ("import a.b, c as d\nfrom e import f, g as h", "a d f h"),
        ("try:\n    a = 1\nexcept E as b:\n    c = 1\nfinally:\n    d = 1", "a b c d"),
        ("match x:\n    case [a, *b]:\n        pass\n    case {'k': c, **d} as e:\n        pass", "a b c d e"),
        ("a[0] = 1; b.c = 2; del d; print(e)", ""),
    ],
)
def test_assigned_names(text: str, names: str) -> None:
    found = assigned_names(parse_module(SourceFile("t.py", text)).tree.body)
    assert sorted(found) == sorted(names.split())
