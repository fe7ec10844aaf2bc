"""Loops that cannot be of one launch in, a kernel for each, called in their places by what was the kernel, out; or the condition of a loop
inside it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from helion.diagnostics.catalog.loops import LoopDependency, NestedGridLoop, StatementBetweenLoops
from helion.diagnostics.diagnostic import Diagnostic, Fix, TextEdit
from helion.source import Span
from helion.syntax.names import assigned_names, read_names
from helion.types.types import NumberType, Region, TensorType
from helion_lsp.kernel_keys import kernel_start
from helion_lsp.worker.fixes.around import Around


def extracting_fixes(diagnostic: Diagnostic, around: Around) -> Iterator[Fix]:
    """Each is to be tried: a loop may read what is no argument of a kernel."""
    if isinstance(diagnostic, NestedGridLoop):
        yield from _condition_inside(diagnostic, around)
    if isinstance(diagnostic, NestedGridLoop | StatementBetweenLoops | LoopDependency):
        yield from _kernel_of_each_loop(around)


def _condition_inside(diagnostic: NestedGridLoop, around: Around) -> Iterator[Fix]:
    """`for tile in hl.tile(n): if flag: ...` for `if flag: for tile in hl.tile(n): ...`; of two branches where both loop alike."""
    branch = next((n for n in around.enclosing(diagnostic.span) if isinstance(n, ast.If)), None)
    outer = None if branch is None else around.indent(branch)
    if branch is None or outer is None or branch not in around.host_statements():
        return
    match branch.body, branch.orelse:
        case [ast.For() as loop], []:
            others: list[ast.For] = []
        case [ast.For() as loop], [ast.For() as other] if _header(loop, around) == _header(other, around):
            others = [other]
        case _:
            return
    header, deeper = around.indent(loop), around.indent(loop.body[0])
    if header is None or deeper is None or any(around.indent(other.body[0]) != deeper for other in others):
        return
    ending, condition = around.ending(), around.text(branch.test)
    start = around.span(branch).start
    begin = Span(start, around.span(loop.body[0]).start)
    new = f"{_header(loop, around)}{ending}{header}if {condition}:{ending}{deeper}"
    edits = [TextEdit(begin, new)]
    for other in others:
        between = Span(around.span(loop).end, around.span(other.body[0]).start)
        edits.append(TextEdit(between, f"{ending}{header}else:{ending}{deeper}"))
    yield Fix("Move the condition into the loop", tuple(edits), safe=False)


def _header(loop: ast.For, around: Around) -> str:
    """`for tile in hl.tile(n):`."""
    return f"for {around.text(loop.target)} in {around.text(loop.iter)}:"


def _kernel_of_each_loop(around: Around) -> Iterator[Fix]:
    """Only of a function with a decorator of its own that stands by itself; a config says how many loops there are, so it is left out."""
    kernel, decorator = around.kernel, around.kernel.decorator
    loops, function = sorted(_grid_loops(around), key=lambda loop: loop.lineno), kernel.function.node
    if decorator is None or kernel.assigned is not None or "." in kernel.qualname or not loops:
        return
    if not isinstance(function, ast.FunctionDef) or len(function.decorator_list) != 1:
        return
    text = kernel.file.text_of(decorator.span)
    has_config = decorator.call is not None and bool({"config", "configs", "key"} & set(decorator.keywords))
    text = around.text(decorator.call.func) if has_config and decorator.call is not None else text
    text = text if text.startswith("@") else f"@{text}"
    ending, functions, edits = around.ending(), list[str](), list[TextEdit]()
    for number, loop in enumerate(loops, 1):
        name = f"{kernel.name}_loop" if len(loops) == 1 else f"{kernel.name}_loop_{number}"
        names = _given(loop, around)
        if name in kernel.file.text or around.indent(loop) is None:
            return
        parameters = ", ".join(f"{one}{_annotation(one, around)}" for one in names)
        functions.append(f"{text}{ending}def {name}({parameters}) -> None:{ending}{_body(loop, around)}{ending}{ending}{ending}")
        edits.append(TextEdit(around.span(loop), f"{name}({', '.join(names)})"))
    gone = Span(kernel_start(kernel), kernel.file.line_starts[function.lineno - 1])
    yield Fix("Make a kernel of each loop", (TextEdit(gone, "".join(functions)), *edits), safe=False)


def _grid_loops(around: Around) -> Iterator[ast.For]:
    """The outermost loops of the device, wherever they stand."""
    waiting: list[ast.stmt] = around.host_statements()
    while waiting:
        node = waiting.pop()
        call = node.iter if isinstance(node, ast.For) else None
        if isinstance(node, ast.For) and isinstance(call, ast.Call) and around.text(call.func).rpartition(".")[2] in ("tile", "grid"):
            yield node
        else:
            waiting += [n for n in ast.iter_child_nodes(node) if isinstance(n, ast.stmt)]


def _given(loop: ast.For, around: Around) -> list[str]:
    """What a loop reads of the host, in the order of the kernel."""
    read = read_names([loop]) - set(assigned_names([loop]))
    return sorted(read & around.host_names(), key=lambda name: around.kernel.file.text.find(name, around.kernel.function.span.start))


def _annotation(name: str, around: Around) -> str:
    types = [t for t in around.host_types(name) if isinstance(t, TensorType | NumberType)]
    if not types or any(isinstance(t, TensorType) and t.region is Region.DEVICE for t in types):
        return ""
    return f": {around.torch()}.Tensor" if isinstance(types[0], TensorType) else f": {types[0].kind.__name__}"


def _body(loop: ast.For, around: Around) -> str:
    """The loop's lines, as far to the right as a function's are."""
    indent = around.indent(loop) or ""
    inner = around.indent(around.host_statements()[0]) or "    "
    first, *rest = around.text(loop).splitlines()
    return around.ending().join([f"{inner}{first}", *(f"{inner}{line.removeprefix(indent)}" if line.strip() else "" for line in rest)])
