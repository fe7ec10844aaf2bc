"""Device values that should have been memory in, a tensor of the host in their place out."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from helion.diagnostics.catalog.arguments import AtomicOnDeviceTensor
from helion.diagnostics.diagnostic import Diagnostic, Fix, TextEdit
from helion.source import Span
from helion_lsp.worker.fixes.around import Around


def buffer_fixes(diagnostic: Diagnostic, around: Around) -> Iterator[Fix]:
    """A buffer of zeros above the loops, as long as what the atomic's index goes over."""
    if not isinstance(diagnostic, AtomicOnDeviceTensor):
        return
    nodes = around.enclosing(diagnostic.span)
    call = next((n for n in nodes if isinstance(n, ast.Call) and around.span(n) != diagnostic.span), None)
    loop = next((n for n in reversed(nodes) if isinstance(n, ast.For)), None)
    index = call.args[1] if call is not None and len(call.args) > 1 else None
    sizes = None if index is None else _sizes(index, around)
    source = next((p.binding.name for p in around.typed.parameters if around.tensor(p.binding.span) is not None), None)
    if loop is None or sizes is None or source is None:
        return
    name = _new_name(around.kernel.file.text_of(diagnostic.span), around)
    above = around.line_start(around.span(loop).start)
    made = f"{' ' * loop.col_offset}{name} = {source}.new_zeros([{', '.join(sizes)}]){around.ending()}"
    edits = (TextEdit(Span(above, above), made), TextEdit(diagnostic.span, name))
    yield Fix(f"Use a buffer of the host, `{name}`", edits, safe=False)


def _sizes(index: ast.expr, around: Around) -> Sequence[str] | None:
    """How long the buffer is along each element of an index; None where that is not a tile's loop or a number."""
    items = index.elts if isinstance(index, ast.List | ast.Tuple) else [index]
    extents = {axis.name: str(axis.end) for axis in around.typed.axes}
    found: list[str] = []
    for item in items:
        match item:
            case ast.Name(id=name) if name in extents:
                found.append(extents[name])
            case ast.Constant(value=int() as value) if value >= 0:
                found.append(str(value + 1))
            case _:
                return None
    return found


def _new_name(text: str, around: Around) -> str:
    """A name that the file does not have."""
    wanted = f"{text}_sum" if text.isidentifier() else "buffer"
    while wanted in around.kernel.file.text:
        wanted += "_"
    return wanted
