"""A kernel's decorator in, its options with their places out, and what is deleted to remove one."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from helion.source import Span
from helion.syntax.tree import KernelSyntax, span_of


@dataclass(frozen=True)
class Option:
    """One keyword. `removal` is what goes with it, None where that is more than the keyword and its comma."""

    name: str
    value: ast.expr
    name_span: Span
    value_span: Span
    removal: Span | None


def options(kernel: KernelSyntax) -> Iterator[Option]:
    """The keywords of the decorator, in order."""
    call = None if kernel.decorator is None else kernel.decorator.call
    if call is not None:
        yield from _keywords(kernel, call)


def options_of_settings(kernel: KernelSyntax, given: ast.expr) -> Iterator[Option]:
    """Those of the `Settings(...)` that `settings=` is."""
    match given:
        case ast.Call(func=ast.Attribute(attr="Settings") | ast.Name(id="Settings")):
            yield from _keywords(kernel, given)
        case _:
            pass


def _keywords(kernel: KernelSyntax, call: ast.Call) -> Iterator[Option]:
    file, keywords = kernel.file, call.keywords
    spans = [span_of(file, keyword) for keyword in keywords]
    for position, keyword in enumerate(keywords):
        if keyword.arg is None:
            continue
        span = spans[position]
        if position + 1 < len(spans):
            removal = Span(span.start, spans[position + 1].start)
        else:
            before = spans[position - 1] if position else span_of(file, call.args[-1]) if call.args else None
            removal = Span(span.start if before is None else before.end, span.end)
        between = file.text[removal.start : span.start] + file.text[span.end : removal.end]
        name = Span(span.start, span.start + len(keyword.arg))
        yield Option(keyword.arg, keyword.value, name, span_of(file, keyword.value), removal if "#" not in between else None)
