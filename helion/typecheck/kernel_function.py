"""A kernel's function in, why it cannot be a kernel whatever its body does out: decorators below, parameters, reserved names, closures."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from helion.diagnostics.catalog.decorator import ClosureRead, DecoratorBelowKernel, KernelParameters, ReservedName
from helion.diagnostics.catalog.python import UnsupportedStatement
from helion.diagnostics.diagnostic import Diagnostic
from helion.source import Span
from helion.syntax.kernel_decorators import kernel_decorator
from helion.syntax.names import assigned_names, first_yield, nodes_of, read_names
from helion.syntax.reserved_names import GENERATED, GENUINE, RESERVED
from helion.syntax.tree import ImportedName, KernelSyntax, ModuleSyntax, span_of


def decorators_below(kernel: KernelSyntax) -> Iterator[Diagnostic]:
    """The decorators between the kernel's own and `def`."""
    node, decorator = kernel.function.node, kernel.decorator
    if decorator is None or not isinstance(node, ast.FunctionDef):
        return
    file = kernel.file
    for other in node.decorator_list:
        span = span_of(file, other)
        if span.start > decorator.span.start:
            yield DecoratorBelowKernel(span, file.text_of(span), decorator.span, file.text_of(decorator.span))


def check_function(kernel: KernelSyntax) -> Iterator[Diagnostic]:
    """What decorating the function raises for."""
    node = kernel.function.node
    if isinstance(node, ast.FunctionDef):
        own = {*assigned_names(node.body), *(a.arg for a in (*node.args.posonlyargs, *node.args.args))}
        read = read_names(node.body) - own
        yield from _parameters(kernel, node)
        yield from _reserved(kernel, node, own, read)
        yield from _closures(kernel, node, read)


def coroutines(module: ModuleSyntax) -> Iterator[Diagnostic]:
    """The `async def`s under a kernel's decorator."""
    if "async" not in module.file.text:
        return
    for node in nodes_of(module.tree):
        if isinstance(node, ast.AsyncFunctionDef) and any(kernel_decorator(d, module) for d in node.decorator_list):
            start = span_of(module.file, node).start
            yield UnsupportedStatement(Span(start, start + len("async")), "`async`", "a kernel, whose launch does not wait in any case")


def generators(kernel: KernelSyntax) -> Iterator[Diagnostic]:
    """The `yield` of a kernel, for which decorating it raises; a check of its body finds every one."""
    found = first_yield(kernel.function.node)
    if found is not None:
        yield UnsupportedStatement(span_of(kernel.file, found), "`yield`", "a kernel")


def _parameters(kernel: KernelSyntax, node: ast.FunctionDef) -> Iterator[Diagnostic]:
    arguments = node.args
    if arguments.vararg is not None:
        yield KernelParameters(span_of(kernel.file, arguments.vararg), f"`*{arguments.vararg.arg}`: take a list or a tuple")
    for keyword_only in arguments.kwonlyargs:
        yield KernelParameters(
            span_of(kernel.file, keyword_only), f"the keyword-only parameter `{keyword_only.arg}`: put it before the `*`"
        )
    if arguments.kwarg is not None:
        yield KernelParameters(span_of(kernel.file, arguments.kwarg), f"`**{arguments.kwarg.arg}`: name the parameters")


def _reserved(kernel: KernelSyntax, node: ast.FunctionDef, own: set[str], read: frozenset[str]) -> Iterator[Diagnostic]:
    parameters = {a.arg: span_of(kernel.file, a) for a in (*node.args.posonlyargs, *node.args.args)}
    for name in sorted(own & RESERVED):
        span = parameters.get(name)
        yield ReservedName(_place(kernel, node, name) if span is None else Span(span.start, span.start + len(name)), name)
    for name in sorted(read & GENERATED):
        yield ReservedName(_place(kernel, node, name), name)
    for name in sorted(read & GENUINE.keys()):
        if not _is_genuine(kernel, name):
            yield ReservedName(_place(kernel, node, name), name, GENUINE[name])


def _is_genuine(kernel: KernelSyntax, name: str) -> bool:
    """Whether a global is the module of its name, as far as the file says."""
    imported = kernel.module.imports.get(name)
    if imported is None or name in kernel.module.rebound:
        return name not in kernel.module.constants and name not in kernel.module.functions
    return _module_of(imported) == GENUINE[name] or imported.module.startswith(".")


def _module_of(imported: ImportedName) -> str:
    return imported.module if imported.attribute is None else f"{imported.module}.{imported.attribute}"


def _place(kernel: KernelSyntax, node: ast.FunctionDef, name: str) -> Span:
    """Where a name stands first in the body, as a variable or in an import."""
    for inner in (found for statement in node.body for found in ast.walk(statement)):
        if isinstance(inner, ast.Name) and inner.id == name:
            return span_of(kernel.file, inner)
        if isinstance(inner, ast.alias) and name in (inner.asname, inner.name.split(".")[0]):
            return span_of(kernel.file, inner)
    return kernel.function.name_span


def _closures(kernel: KernelSyntax, node: ast.FunctionDef, read: frozenset[str]) -> Iterator[Diagnostic]:
    """The variables of the functions around a kernel that it reads; classes around it have none to read."""
    for enclosing in _enclosing_functions(kernel):
        arguments = enclosing.args
        parameters = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *filter(None, (arguments.vararg, arguments.kwarg)))
        declared = {name for inner in ast.walk(enclosing) if isinstance(inner, ast.Global) for name in inner.names}
        held = {*assigned_names(enclosing.body), *(a.arg for a in parameters)} - declared
        for name in sorted(read & held):
            yield ClosureRead(_place(kernel, node, name), name, enclosing.name, is_imported=name in kernel.imports)
        read -= held


def _enclosing_functions(kernel: KernelSyntax) -> Iterator[ast.FunctionDef]:
    """The innermost first."""
    parts = kernel.qualname.split(".")[:-1]
    while parts:
        function = kernel.module.functions.get(".".join(parts))
        if function is not None and isinstance(function.node, ast.FunctionDef):
            yield function.node
        parts.pop()
