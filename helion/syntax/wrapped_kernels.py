"""A module's syntax in, the kernels that it makes without a decorator out: `fast = helion.kernel(f, config=...)`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from helion.syntax.kernel_decorators import kernel_call
from helion.syntax.tree import FunctionSyntax, KernelSyntax, ModuleSyntax, span_of


def wrapped_kernels(module: ModuleSyntax) -> tuple[KernelSyntax, ...]:
    """In order of the text, each by the name it is assigned to; the decorator is the call that takes the options.

    Found are `name = helion.kernel(f, ...)`, also with `fn=f`, and `name = helion.kernel(...)(f)`, where `f` is a function of the file; and
    the same with what stands for `helion.kernel` in the file.
    """
    return tuple(_in_scope(module, module.tree.body, ""))


def _in_scope(module: ModuleSyntax, body: list[ast.stmt], prefix: str) -> Iterator[KernelSyntax]:
    for node in body:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield from _in_scope(module, node.body, f"{prefix}{name}.")
            case (
                ast.Assign(targets=[ast.Name() as name], value=ast.Call() as value)
                | ast.AnnAssign(target=ast.Name() as name, value=ast.Call() as value)
            ):
                yield from _kernel(module, name, prefix, value)
            case _:
                for part in ast.iter_child_nodes(node):
                    inner = part.body if isinstance(part, ast.ExceptHandler | ast.match_case) else [part]
                    yield from _in_scope(module, [s for s in inner if isinstance(s, ast.stmt)], prefix)


def _kernel(module: ModuleSyntax, assigned: ast.Name, prefix: str, value: ast.Call) -> Iterator[KernelSyntax]:
    found = kernel_call(value, module, prefix)
    if found is None:
        return
    decorator, given = found
    function = _function(module, prefix, given)
    if function is not None:
        name, place = assigned.id, span_of(module.file, assigned)
        yield KernelSyntax(module.file, name, f"{prefix}{name}", function, decorator, module, place)


def _function(module: ModuleSyntax, prefix: str, name: str) -> FunctionSyntax | None:
    """The function that a name means in a scope: the innermost one of that name around it."""
    while True:
        found = module.functions.get(prefix + name)
        if found is not None or not prefix:
            return found
        prefix = ".".join(prefix.split(".")[:-2]) + "." if prefix.count(".") > 1 else ""
