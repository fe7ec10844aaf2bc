"""A function's tree and texts that it lacks since they do not parse in, the names that may be something else than the tree says out."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable

from helion.syntax.names import assigned_names, read_names

_ASSIGNED = re.compile(r"\s*([^\W\d]\w*(?:\s*,\s*[^\W\d]\w*)*)\s*(?:[-+*/%@&|^]|//|\*\*|<<|>>)?=(?!=)")
_ASSIGNMENTS = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.For)


def stale_names(function: ast.AST, lost: Iterable[str]) -> frozenset[str]:
    """What the lost texts assign, and all that is computed from it."""
    found = {name for text in lost if (match := _ASSIGNED.match(text)) is not None for name in re.findall(r"\w+", match[1])}
    if not found:
        return frozenset()
    steps = [(read_names([node]), assigned_names([node])) for node in ast.walk(function) if isinstance(node, _ASSIGNMENTS)]
    before = 0
    while before != len(found):
        before = len(found)
        for reads, assigned in steps:
            if not found.isdisjoint(reads):
                found.update(assigned)
    return frozenset(found)
