"""The body of a checked kernel in, what its top-level loops do to each other's tensors out; knows tensors by their names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from helion.diagnostics.catalog.loops import LoopDependency
from helion.ops.table import OPS
from helion.source import SourceFile, Span
from helion.typed_kernel import tree
from helion.typed_kernel.queries import walk_body
from helion.types.types import Region


def loop_dependencies(file: SourceFile, body: Iterable[tree.Stmt]) -> Iterator[LoopDependency]:
    """One finding for each tensor that a loop reads or writes though an earlier loop, with no barrier between, writes it."""
    written: dict[str, Span] = {}
    for statement in body:
        if isinstance(statement, tree.Barrier):
            written.clear()
        if not isinstance(statement, tree.Loop):
            continue
        found: dict[str, Span] = {}
        reported: set[str] = set()
        for name, span, writes in _accesses(statement):
            if name in written and name not in reported:
                reported.add(name)
                yield LoopDependency(span, name, written[name], statement.span.start, _indentation(file, statement.span))
            if writes:
                found.setdefault(name, span)
        written = {**found, **written}


def _indentation(file: SourceFile, span: Span) -> str:
    line = file.line_span(file.position(span.start).line)
    return file.text[line.start : span.start]


def _accesses(loop: tree.Loop) -> Iterator[tuple[str, Span, bool]]:
    """The host tensors that a loop accesses: name, place, whether it writes."""
    for expr in walk_body(loop.body):
        op = OPS.find(expr.target) if isinstance(expr, tree.Call) else None
        if op is None or op.accesses is None or not isinstance(expr, tree.Call) or not expr.args:
            continue
        tensor = expr.args[0]
        if isinstance(tensor, tree.Name) and tensor.region is Region.HOST:
            yield tensor.name, expr.span, op.accesses != "load"
