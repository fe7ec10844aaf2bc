"""A module's syntax in, the calls of `helion.kernel` whose kernel has no name of its own out: in a mapping, a tuple, another call."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from helion.syntax.kernel_decorators import kernel_decorator
from helion.syntax.tree import ModuleSyntax, span_of

_MOST_LINES = 3


def unfollowed_lines(module: ModuleSyntax) -> tuple[int, ...]:
    """Their lines, counted from 1, in order."""
    known = [kernel.decorator.span for kernel in module.every_kernel if kernel.decorator is not None]
    calls = (node for node in _made_of_functions(module.tree) if kernel_decorator(node, module) is not None)
    spans = ((node.lineno, span_of(module.file, node)) for node in calls)
    return tuple(sorted({line for line, span in spans if not any(k.start <= span.start and span.end <= k.end for k in known)}))


def unfollowed_words(module: ModuleSyntax) -> str | None:
    """What to say of them where a kernel is not found; None without any."""
    lines = unfollowed_lines(module)
    if not lines:
        return None
    shown = ", ".join(map(str, lines[:_MOST_LINES])) + (", ..." if len(lines) > _MOST_LINES else "")
    places = f"line{'s' if len(lines) > 1 else ''} {shown}"
    return f"the call of `helion.kernel` at {places} gives a kernel no name: write `name = helion.kernel(f, ...)` in a line of its own"


def _made_of_functions(tree: ast.Module) -> Iterator[ast.Call]:
    """Calls with a function to make a kernel of: those without are decorators, or options for later."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call) and (node.args or any(k.arg == "fn" for k in node.keywords)))
