"""A call of a kernel inside a kernel in, the called one's computation as a plain function out, where it is one expression of tiles."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from helion.diagnostics.catalog.python import NestedKernelCall
from helion.diagnostics.diagnostic import Diagnostic, Fix, TextEdit
from helion.source import Span
from helion.syntax.tree import KernelSyntax, span_of
from helion_lsp.kernel_keys import kernel_start
from helion_lsp.worker.fixes.around import Around


@dataclass(frozen=True)
class _Elementwise:
    """`out[index] = value` is all that a kernel's only loop does; `parameters` are what `value` reads, in order."""

    kernel: KernelSyntax
    value: ast.expr
    loads: tuple[ast.Subscript, ...]
    parameters: tuple[str, ...]


def kernel_call_fixes(diagnostic: Diagnostic, around: Around) -> Iterator[Fix]:
    """`other_of_tile(x[tile])` for `other(x)` in a loop, with the function above the calling kernel."""
    if not isinstance(diagnostic, NestedKernelCall):
        return
    call = next((n for n in around.enclosing(diagnostic.span) if isinstance(n, ast.Call) and around.span(n) == diagnostic.span), None)
    called = around.kernel.module.kernels_by_name.get(diagnostic.kernel, ())
    tiles = around.tiles(diagnostic.span)
    if call is None or len(called) != 1 or not tiles or around.kernel.function.node not in around.kernel.module.tree.body:
        return
    found = _elementwise(called[0])
    name = f"{diagnostic.kernel}_of_tile"
    arguments = None if found is None else _arguments(call, called[0])
    if found is None or arguments is None or name in around.kernel.module.functions:
        return
    given: list[str] = []
    for parameter in found.parameters:
        node = arguments.get(parameter)
        tensor = None if node is None else around.tensor(around.span(node))
        if node is None:
            return
        is_loaded = any(isinstance(load.value, ast.Name) and load.value.id == parameter for load in found.loads)
        is_whole = is_loaded and tensor is not None and tensor.region.value == "host" and isinstance(node, ast.Name)
        given.append(f"{around.text(node)}[{', '.join(tiles)}]" if is_whole else around.text(node))
    above = kernel_start(around.kernel)
    edits = (
        TextEdit(Span(above, above), _function(name, found, around.ending())),
        TextEdit(diagnostic.span, f"{name}({', '.join(given)})"),
    )
    yield Fix(f"Extract what `{diagnostic.kernel}` computes as a function", edits, safe=False)


def _elementwise(kernel: KernelSyntax) -> _Elementwise | None:
    node = kernel.function.node
    body = node.body if isinstance(node, ast.FunctionDef) else []
    loops = [statement for statement in body if isinstance(statement, ast.For)]
    if not isinstance(node, ast.FunctionDef) or len(loops) != 1:
        return None
    match loops[0].body:
        case [ast.Assign(targets=[ast.Subscript(slice=index)], value=value)]:
            pass
        case _:
            return None
    parameters = [a.arg for a in (*node.args.posonlyargs, *node.args.args)]
    tiles = {n.id for n in ast.walk(loops[0].target) if isinstance(n, ast.Name)}
    loads = [n for n in ast.walk(value) if isinstance(n, ast.Subscript) and ast.dump(n.slice) == ast.dump(index)]
    inside = {id(n) for load in loads for n in ast.walk(load.slice)}
    names = [n for n in ast.walk(value) if isinstance(n, ast.Name) and id(n) not in inside]
    hosts = {n.id for statement in body for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    if any(n.id in tiles or n.id in hosts for n in names) or not all(isinstance(load.value, ast.Name) for load in loads):
        return None
    read = {n.id for n in names}
    return _Elementwise(kernel, value, tuple(loads), tuple(name for name in parameters if name in read))


def _arguments(call: ast.Call, called: KernelSyntax) -> Mapping[str, ast.expr] | None:
    node = called.function.node
    names = [a.arg for a in (*node.args.posonlyargs, *node.args.args)]
    if len(call.args) > len(names) or any(isinstance(a, ast.Starred) for a in call.args) or any(k.arg is None for k in call.keywords):
        return None
    return dict(zip(names, call.args, strict=False)) | {k.arg: k.value for k in call.keywords if k.arg is not None}


def _function(name: str, found: _Elementwise, ending: str) -> str:
    """The expression with each load as the parameter that it is of."""
    file = found.kernel.file
    whole = span_of(file, found.value)
    text = file.text_of(whole)
    for load in sorted(found.loads, key=lambda n: span_of(file, n).start, reverse=True):
        span, owner = span_of(file, load), file.text_of(span_of(file, load.value))
        text = text[: span.start - whole.start] + owner + text[span.end - whole.start :]
    return f"def {name}({', '.join(found.parameters)}):{ending}    return {text}{ending}{ending}{ending}"
