"""A module in, the environment variables of ours that its strings name out, and what is wrong with those that nearly are; runs nothing."""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Iterator

from helion.diagnostics.catalog.environment import UnknownVariable
from helion.diagnostics.diagnostic import Diagnostic
from helion.environment_names import environment_names
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
    """Names that are no variable of ours, but nearly one."""
    known = environment_names()
    for name, span in variables_in(module):
        close = [] if name in known else difflib.get_close_matches(name, known, 1, _NEARLY)
        if close:
            yield UnknownVariable(span, name, close[0])
