"""A typed kernel in, the sizes that were taken to be equal and the assert that would say so out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy

from helion.typed_kernel import tree
from helion.types.dims import Dim, dim_text
from helion_lsp.worker.plain import relative


def assumptions(typed: tree.TypedKernel, start: int) -> Iterator[dict[str, Any]]:
    """`{label, spans, edit}`: where the sizes get their names, and an assert before the first loop; no edit where they have no Python."""
    first = next((s for s in typed.body if isinstance(s, tree.Loop)), None)
    named = {b.name: b.span for s in typed.body if isinstance(s, tree.HostStatement) for b in s.bindings}
    for assumption in typed.assumptions:
        sides = [_python(typed, side, set(named)) for side in (assumption.left, assumption.right)]
        spans = [named[str(side)] for side in (assumption.left, assumption.right) if str(side) in named]
        has_no_python = None in sides or assumption.enough is not None
        edit = None if first is None or has_no_python else _before(typed, first, f"assert {sides[0]} == {sides[1]}", start)
        yield {
            "label": f"requires {assumption}",
            "spans": [relative(span, start) for span in spans],
            "edit": edit,
        }


def _python(typed: tree.TypedKernel, side: Dim, named: set[str]) -> str | None:
    """The size as the kernel can compute it: names that it binds, and what else sizes are taken from."""
    texts: dict[Any, Any] = {}
    for symbol in side.free_symbols:
        origin = typed.dim_origins.get(symbol)
        text = str(symbol) if str(symbol) in named else None if origin is None else origin.host_expression
        if not text:
            return None
        texts[symbol] = sympy.Symbol(text)
    return dim_text(side.xreplace(texts))


def _before(typed: tree.TypedKernel, loop: tree.Loop, statement: str, start: int) -> list[Any]:
    """An edit that puts a line before the loop's, as deep and with the same line ending."""
    file = typed.file
    line = file.line_starts[file.position(loop.span.start).line]
    ending = "\r\n" if "\r\n" in file.text else "\n"
    return [line - start, line - start, f"{file.text[line : loop.span.start]}{statement}{ending}"]
