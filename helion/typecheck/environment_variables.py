"""A module in, the environment variables of ours that its strings name out, and what is wrong with those that nearly are; runs nothing."""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Iterator

from helion.diagnostics.catalog.environment import UnknownVariable, VariableValue
from helion.diagnostics.diagnostic import Diagnostic
from helion.environment_names import NO, YES, environment_names, refused_text, texts_of
from helion.source import Span
from helion.syntax.tree import ModuleSyntax, span_of

_PREFIX = "HELION_"
# A quoted name, before any tree is walked.
_QUOTED = re.compile(r"""(["'])(HELION_[A-Z0-9_]+)\1""")
_NEARLY = 0.85


def variables_in(module: ModuleSyntax) -> Iterator[tuple[str, Span]]:
    """Each string that is a name with our prefix, without its quotes."""
    if _PREFIX not in module.file.text:
        return  # most files
    candidates = {found.start(): Span(*found.span(2)) for found in _QUOTED.finditer(module.file.text)}
    if not candidates:
        return
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith(_PREFIX):
            place = candidates.get(span_of(module.file, node).start)
            if place is not None:
                yield node.value, place


def check_variables(module: ModuleSyntax) -> Iterator[Diagnostic]:
    """Names that are no variable of ours, but nearly one, and texts that one of ours cannot have."""
    if _PREFIX not in module.file.text:
        return
    known = environment_names()
    for name, span in variables_in(module):
        close = [] if name in known else difflib.get_close_matches(name, known, 1, _NEARLY)
        if close:
            yield UnknownVariable(span, name, close[0])
    for name, value in _given(module.tree):
        allowed = refused_text(name, value.value) if isinstance(value.value, str) else None
        inside = span_of(module.file, value)
        if allowed is not None and module.file.text[inside.start + 1 : inside.end - 1] == value.value:
            likely = _likely(str(value.value), texts_of(name) or ())
            yield VariableValue(Span(inside.start + 1, inside.end - 1), name, str(value.value), allowed, likely)


def _likely(text: str, texts: tuple[str, ...]) -> tuple[str, ...]:
    if texts == (*YES, *NO):
        return YES[0], NO[0]
    return tuple(difflib.get_close_matches(text, texts, 1, 0.5)) or texts


def _given(tree: ast.Module) -> Iterator[tuple[str, ast.Constant]]:
    """The variables that a file gives a text: in a mapping, as a keyword, by an assignment, or by a call like `setenv(name, text)`."""
    for node in ast.walk(tree):
        match node:
            case ast.Dict(keys=keys, values=values):
                pairs = list(zip(keys, values, strict=True))
            case ast.Assign(targets=[ast.Subscript(slice=key)], value=value):
                pairs = [(key, value)]
            case ast.Call(func=ast.Attribute(attr="setdefault" | "setenv" | "putenv" | "setitem"), args=[*_, key, value]):
                pairs = [(key, value)]
            case ast.keyword(arg=str(name), value=ast.Constant() as value) if name.startswith(_PREFIX):
                yield name, value
                continue
            case _:
                continue
        for key, value in pairs:
            if isinstance(key, ast.Constant) and isinstance(value, ast.Constant) and str(key.value).startswith(_PREFIX):
                yield str(key.value), value
