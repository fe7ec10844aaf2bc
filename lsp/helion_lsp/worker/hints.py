"""A prepared kernel in, what inlay hints say of its config and its signature out: block lengths of loops, sizes that are constants."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from helion.source import Span
from helion.syntax.tree import span_of
from helion.typed_kernel import tree
from helion.typed_kernel.queries import expressions
from helion.types.types import FunctionType
from helion_lsp.worker.prepared import Prepared


def block_lengths(prepared: Prepared) -> Iterator[tuple[int, str]]:
    """`(offset, label)` after the tiles of each loop: how long they are."""
    for statement in _all_loops(prepared.typed.body):
        if statement.targets:
            blocks = [prepared.layout.block_length(axis.block) for axis in statement.axes if axis.block is not None]
            if blocks:
                yield max(target.span.end for target in statement.targets), f": {'×'.join(map(str, blocks))}"


def _all_loops(body: tuple[tree.Stmt, ...]) -> Iterator[tree.Loop]:
    seen: set[Span] = set()
    waiting = list(body)
    while waiting:
        match waiting.pop(0):
            case tree.Loop(body=inner, span=span) as loop:
                if span not in seen:
                    seen.add(span)
                    yield loop
                waiting.extend(inner)
            case tree.If(then=then, otherwise=otherwise):
                waiting.extend((*then, *otherwise))
            case tree.While(body=inner):
                waiting.extend(inner)
            case _:
                pass


def specializations(prepared: Prepared) -> Iterator[tuple[int, str]]:
    """After each `hl.specialize(...)`: its value in the sample, or that there is one binary a value."""
    callees = {e.span for e in expressions(prepared.typed) if isinstance(e.type, FunctionType) and e.type.name.endswith("specialize")}
    values = {e.span: str(e.type) for e in expressions(prepared.typed)}
    file = prepared.kernel.file
    for node in ast.walk(prepared.kernel.function.node):
        if isinstance(node, ast.Call) and span_of(file, node.func) in callees:
            place = span_of(file, node)
            value = values.get(place) if prepared.sample is not None else None
            yield place.end, f" = {value}" if value is not None else " one binary a value"
