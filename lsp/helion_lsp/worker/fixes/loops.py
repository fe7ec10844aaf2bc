"""Diagnostics about loops and where statements stand in, the rewrites that a reader would make out."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from helion.diagnostics.catalog.loops import StatementBetweenLoops
from helion.diagnostics.catalog.tiles import FailedToUnpackTile
from helion.diagnostics.diagnostic import Diagnostic, Fix, TextEdit
from helion.source import Span
from helion.typed_kernel import tree
from helion_lsp.worker.fixes.around import Around

_FACTS = frozenset({"size", "shape", "stride", "dtype", "device", "numel", "ndim", "dim"})


def loop_fixes(diagnostic: Diagnostic, around: Around) -> Iterator[Fix]:
    """Each is to be tried: names may be used that are gone then."""
    match diagnostic:
        case FailedToUnpackTile(arguments=None):
            yield from _as_many_names(diagnostic, around)
        case StatementBetweenLoops():
            yield from _before_the_loops(diagnostic.span, around)
        case _:
            pass


def _as_many_names(diagnostic: FailedToUnpackTile, around: Around) -> Iterator[Fix]:
    """`for tile in hl.tile(n)` for `for tile, other in hl.tile(n)`; a name more for each tile that has none."""
    names = [name.strip() for name in around.kernel.file.text_of(diagnostic.span).strip("()").split(",") if name.strip()]
    if not names or not all(name.isidentifier() for name in names):
        return
    more = [f"{names[-1]}_{number}" for number in range(1, 1 + diagnostic.tiles - len(names))]
    text = ", ".join([*names, *more][: diagnostic.tiles])
    words = f"Take the one tile as `{text}`" if diagnostic.tiles == 1 else f"Take the {diagnostic.tiles} tiles as `{text}`"
    yield Fix(words, (TextEdit(diagnostic.span, text),), safe=False)


def _before_the_loops(span: Span, around: Around) -> Iterator[Fix]:
    """A statement of the host moves up to before the first loop, unless that gives it another meaning: when it reads what follows."""
    first = next((s for s in around.typed.body if isinstance(s, tree.Loop)), None)
    statement = next((n for n in around.enclosing(span) if isinstance(n, ast.stmt)), None)
    if first is None or statement is None or statement.end_lineno is None:
        return
    stored = _stored_names([n for n in around.host_statements() if isinstance(n, ast.For) and n.lineno < statement.lineno])
    if any(node.id in stored for node in _values_read(statement)):
        return
    starts = around.kernel.file.line_starts
    whole = Span(around.line_start(around.span(statement).start), starts[statement.end_lineno])
    to = around.line_start(first.span.start)
    if to < whole.start:
        text = around.kernel.file.text_of(whole)
        yield Fix("Move it before the loops", (TextEdit(Span(to, to), text), TextEdit(whole, "")), safe=False)


def _stored_names(loops: list[ast.For]) -> frozenset[str]:
    """The tensors that loops write, by a subscript or by a function of the language."""
    nodes = [node for loop in loops for node in ast.walk(loop)]
    targets = [n.value for n in nodes if isinstance(n, ast.Subscript) and isinstance(n.ctx, ast.Store)]
    given = [n.args[0] for n in nodes if isinstance(n, ast.Call) and n.args]
    return frozenset(n.id for n in (*targets, *given) if isinstance(n, ast.Name))


def _values_read(statement: ast.stmt) -> Iterator[ast.Name]:
    """The names whose elements a statement may read: not those of which it takes a size, a dtype or the like."""
    nodes = list(ast.walk(statement))
    owners = [n.value for n in nodes if isinstance(n, ast.Attribute) and (n.attr in _FACTS or n.attr.startswith("new_"))]
    calls = [n for n in nodes if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute) and n.args]
    likes = [n.args[0] for n in calls if isinstance(n.func, ast.Attribute) and n.func.attr.endswith("_like")]
    known = {id(node) for node in (*owners, *likes)}
    yield from (n for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load) and id(n) not in known)
