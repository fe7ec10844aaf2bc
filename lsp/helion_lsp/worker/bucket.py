"""A checked kernel in, edits that have calls of similar sizes share code and configs out: one for each size that its loops go over."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from helion.diagnostics.diagnostic import TextEdit
from helion.source import Span
from helion.syntax.names import read_names
from helion.syntax.tree import KernelSyntax, span_of
from helion.typed_kernel import tree
from helion.types.dims import SizeSymbol, dim_text

_DECIDED = ("key", "settings")


def bucket_edits(kernel: KernelSyntax, typed: tree.TypedKernel) -> Iterator[tuple[str, TextEdit]]:
    """`key=lambda x, ...: (x.size(0) - 1).bit_length()`, with `static_shapes=False` unless that is said already: calls whose sizes round
    up to one power of two are one specialization. None where the decorator says a key or that shapes are static, or takes no options."""
    decorator, node = kernel.decorator, kernel.function.node
    if (
        decorator is None
        or decorator.is_fixed
        or any(name in kernel.keywords for name in _DECIDED)
        or not isinstance(node, ast.FunctionDef)
    ):
        return
    parameters = ", ".join(p.binding.name for p in typed.parameters)
    stated = kernel.keywords.get("static_shapes")
    if stated is not None and not (isinstance(stated, ast.Constant) and stated.value is False):
        return
    shapes = "static_shapes=False, " if stated is None else ""
    for name, expression in _walked_sizes(kernel, typed, node):
        option = f"{shapes}key=lambda {parameters}: ({expression} - 1).bit_length()"
        yield f"Bucket {name} by powers of two", _with_option(kernel, decorator.span, decorator.call, option)


def _walked_sizes(kernel: KernelSyntax, typed: tree.TypedKernel, node: ast.FunctionDef) -> Iterator[tuple[str, str]]:
    """The sizes of arguments that loops of the grid end at, each with how a call's arguments say it."""
    parameters = {p.binding.name for p in typed.parameters}
    assigned = {
        s.targets[0].id: s.value
        for s in node.body
        if isinstance(s, ast.Assign) and len(s.targets) == 1 and isinstance(s.targets[0], ast.Name)
    }
    grids = [statement for statement in typed.body if isinstance(statement, tree.Loop)]
    ends = dict.fromkeys(axis.end for grid in grids for axis in grid.axes if isinstance(axis.end, SizeSymbol))
    for size in ends:
        origin = typed.dim_origins.get(size)
        said = None if origin is None else origin.host_expression
        if said in assigned:
            said = kernel.file.text_of(span_of(kernel.file, assigned[said]))
        if said is not None and read_names([ast.parse(said, mode="eval")]) <= parameters:
            yield dim_text(size), said


def _with_option(kernel: KernelSyntax, decorator: Span, call: ast.Call | None, option: str) -> TextEdit:
    if call is None:
        return TextEdit(Span(decorator.end, decorator.end), f"({option})")
    if call.keywords:
        at = span_of(kernel.file, call.keywords[0]).start
        return TextEdit(Span(at, at), f"{option}, ")
    if call.args:
        at = span_of(kernel.file, call.args[-1]).end
        return TextEdit(Span(at, at), f", {option}")
    at = span_of(kernel.file, call).end - 1
    return TextEdit(Span(at, at), option)
