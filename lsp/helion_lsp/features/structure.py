"""A module's syntax in, its kernels as an outline, as parts to fold and as selections that grow out; needs no check."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from helion.source import Span
from helion.syntax.config_literals import config_literals
from helion.syntax.tree import KernelSyntax, ModuleSyntax, span_of
from helion_lsp.features.place import LANGUAGE, full_name

_LOOPS = frozenset(f"{LANGUAGE}.{name}" for name in ("tile", "grid", "jagged_tile", "static_range"))


@dataclass(frozen=True)
class Symbol:
    """`kind` is "kernel", "configs", "config" or "loop"."""

    name: str
    detail: str
    kind: str
    whole: Span
    name_span: Span
    children: tuple[Symbol, ...] = ()


@dataclass(frozen=True)
class Fold:
    """Lines from 0, both inside the fold; `kind` is "configs" or "loop"."""

    first: int
    last: int
    kind: str


# -- outline --------------------------------------------------------------------------------------------------------


def symbols(module: ModuleSyntax) -> list[Symbol]:
    """Each kernel with its configs and its loops; where a call makes kernels of a function, that has the loops."""
    decorated = [_kernel(module, kernel) for kernel in module.kernels]
    functions = {kernel.function.span: kernel for kernel in module.wrapped}
    return sorted(
        [*decorated, *(_function(module, kernel) for kernel in functions.values()), *(_made(kernel) for kernel in module.wrapped)],
        key=lambda symbol: symbol.whole.start,
    )


def _made(kernel: KernelSyntax) -> Symbol:
    children = tuple(_containing(child) for child in _configs(kernel))
    return Symbol(kernel.qualname, f"kernel of {kernel.function.name}", "kernel", kernel.parts[-1], kernel.name_span, children)


def _function(module: ModuleSyntax, kernel: KernelSyntax) -> Symbol:
    function = kernel.function
    loops = tuple(_loops(module, function.node.body)) if isinstance(function.node, ast.FunctionDef) else ()
    return Symbol(function.name, "", "kernel", function.span, function.name_span, loops)


def _kernel(module: ModuleSyntax, kernel: KernelSyntax) -> Symbol:
    node = kernel.function.node
    loops = tuple(_loops(module, node.body)) if isinstance(node, ast.FunctionDef) else ()
    children = tuple(_containing(child) for child in (*_configs(kernel), *loops))
    return Symbol(kernel.qualname, "kernel", "kernel", kernel.parts[0], kernel.name_span, children)


def _configs(kernel: KernelSyntax) -> tuple[Symbol, ...]:
    return tuple(
        Symbol(literal.device or "config", literal.signature or "", "config", literal.span, (literal.lock_spans or (literal.span,))[-1])
        for literal in config_literals(kernel)
    )


def _containing(symbol: Symbol) -> Symbol:
    """A symbol whose name lies inside it, as the protocol wants: a lock's key stands before its config."""
    whole = Span(min(symbol.whole.start, symbol.name_span.start), max(symbol.whole.end, symbol.name_span.end))
    return Symbol(symbol.name, symbol.detail, symbol.kind, whole, symbol.name_span, symbol.children)


def _loops(module: ModuleSyntax, body: list[ast.stmt]) -> Iterator[Symbol]:
    for statement in body:
        inner = [part for part in ast.iter_child_nodes(statement) if isinstance(part, ast.stmt)]
        if isinstance(statement, ast.For) and _iterator(module, statement) is not None:
            target = span_of(module.file, statement.target)
            written = f"{module.file.text_of(target)}"
            detail = " ".join(module.file.text_of(span_of(module.file, statement.iter)).split())
            children = tuple(_loops(module, statement.body))
            yield Symbol(f"for {written}", detail, "loop", span_of(module.file, statement), target, children)
        elif not isinstance(statement, ast.FunctionDef | ast.ClassDef):
            yield from _loops(module, inner)


def _iterator(module: ModuleSyntax, loop: ast.For) -> str | None:
    """The full name of the function that a loop goes over, when it is the language's."""
    call = loop.iter
    if not isinstance(call, ast.Call):
        return None
    name = full_name(module, ast.unparse(call.func))
    return name if name in _LOOPS else None


# -- folds ----------------------------------------------------------------------------------------------------------


def folds(module: ModuleSyntax) -> list[Fold]:
    """Decorators with configs, single configs and device loops of more than a line."""
    found: list[Fold] = []
    for kernel in module.every_kernel:
        if kernel.decorator is not None:
            found.append(_fold(module, kernel.decorator.span, "configs"))
        found += [_fold(module, literal.span, "configs") for literal in config_literals(kernel)]
        found += [
            _fold(module, span_of(module.file, node), "loop")
            for node in ast.walk(kernel.function.node)
            if isinstance(node, ast.For) and _iterator(module, node) is not None
        ]
    return list(dict.fromkeys(fold for fold in found if fold.last > fold.first))


def _fold(module: ModuleSyntax, span: Span, kind: str) -> Fold:
    return Fold(module.file.position(span.start).line, module.file.position(span.end).line, kind)


# -- selections -----------------------------------------------------------------------------------------------------


def selections(module: ModuleSyntax, offset: int) -> list[Span]:
    """What holds an offset, smallest first: the word, each expression, the statement, a loop's body, the loop, the kernel."""
    found: set[Span] = set()
    for kernel in module.every_kernel:
        if kernel.parts[0].touches(offset):
            found.add(kernel.parts[0])
            found.update(_around(module, kernel.function.node, offset))
    return sorted(found, key=lambda span: span.end - span.start)


def _around(module: ModuleSyntax, node: ast.AST, offset: int) -> Iterator[Span]:
    if isinstance(node, ast.For | ast.While | ast.If | ast.With | ast.FunctionDef):
        for body in (node.body, getattr(node, "orelse", [])):
            if body:
                span = Span(span_of(module.file, body[0]).start, span_of(module.file, body[-1]).end)
                if span.touches(offset):
                    yield span
    for part in ast.iter_child_nodes(node):
        if isinstance(part, ast.expr | ast.stmt | ast.arg | ast.keyword):
            span = span_of(module.file, part)
            if span.touches(offset):
                yield span
                yield from _around(module, part, offset)
        elif isinstance(part, ast.arguments):
            yield from _around(module, part, offset)
