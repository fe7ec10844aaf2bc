"""Diagnostics about loops and where statements stand in, the rewrites that a reader would make out."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from helion.diagnostics.catalog.loops import NoDeviceLoop, StatementBetweenLoops
from helion.diagnostics.catalog.tiles import FailedToUnpackTile
from helion.diagnostics.diagnostic import Diagnostic, Fix, TextEdit
from helion.source import Span
from helion.typed_kernel import tree
from helion_lsp.worker.fixes.around import Around


def loop_fixes(diagnostic: Diagnostic, around: Around) -> Iterator[Fix]:
    match diagnostic:
        case FailedToUnpackTile(arguments=None):
            yield from _one_name(diagnostic.span, around)
        case StatementBetweenLoops():
            yield from _before_the_loops(diagnostic.span, around)
        case NoDeviceLoop():
            yield from _in_a_loop(around)
        case _:
            pass


def _one_name(span: Span, around: Around) -> Iterator[Fix]:
    """`for tile in hl.tile(n)` for `for tile, other in hl.tile(n)`."""
    names = around.kernel.file.text_of(span).strip("()").split(",")
    if names and names[0].strip().isidentifier():
        first = names[0].strip()
        yield Fix(f"Take the one tile as `{first}`", (TextEdit(span, first),), safe=False)


def _in_a_loop(around: Around) -> Iterator[Fix]:
    """What the kernel computes of whole tensors and gives back, a tile at a time: `out[tile] = x[tile] + y[tile]`."""
    body = around.kernel.function.node.body
    last = body[-1] if isinstance(body, list) else None
    if not isinstance(last, ast.Return) or last.value is None:
        return
    given = next(around.assignments(last.value.id), None) if isinstance(last.value, ast.Name) else None
    name = last.value.id if isinstance(last.value, ast.Name) else "out"
    statement, value = (last, last.value) if given is None else (given, given.value)
    found = [n for n in ast.walk(value) if isinstance(n, ast.Name) and around.tensor(around.span(n)) is not None]
    names = sorted(found, key=around.span)
    if not names or isinstance(value, ast.Name) or (given is None and isinstance(last.value, ast.Name)):
        return
    start, text = around.span(value).start, around.text(value)
    for place in sorted((around.span(n).end - start for n in names), reverse=True):
        text = f"{text[:place]}[tile]{text[place:]}"
    language = around.language()
    indent, ending = " " * statement.col_offset, around.ending()
    lines = [f"{name} = torch.empty_like({names[0].id})", f"for tile in {language}.tile({name}.size()):", f"    {name}[tile] = {text}"]
    lines += [f"return {name}"] if given is None else []
    new = f"{ending}{indent}".join(lines)
    yield Fix("Compute it in a loop over tiles", (TextEdit(around.span(statement), new),), safe=False)


def _before_the_loops(span: Span, around: Around) -> Iterator[Fix]:
    """A statement of the host moves up to before the first loop, unless that gives it another meaning: when it reads what follows."""
    first = next((s for s in around.typed.body if isinstance(s, tree.Loop)), None)
    statement = next((n for n in around.enclosing(span) if isinstance(n, ast.stmt)), None)
    if first is None or statement is None or statement.end_lineno is None:
        return
    starts = around.kernel.file.line_starts
    whole = Span(around.line_start(around.span(statement).start), starts[statement.end_lineno])
    to = around.line_start(first.span.start)
    if to < whole.start:
        text = around.kernel.file.text_of(whole)
        yield Fix("Move it before the loops", (TextEdit(Span(to, to), text), TextEdit(whole, "")), safe=False)
