"""A module's syntax in, the kernels that it makes without a decorator out: `fast = helion.kernel(f, config=...)`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from helion.syntax.kernel_decorators import kernel_call
from helion.syntax.top_level import assigned_calls
from helion.syntax.tree import FunctionSyntax, KernelSyntax, ModuleSyntax, span_of


def wrapped_kernels(module: ModuleSyntax) -> tuple[KernelSyntax, ...]:
    """In order of the text, each by the name it is assigned to; the decorator is the call that takes the options.

    Found are `name = helion.kernel(f, ...)`, also with `fn=f`, and `name = helion.kernel(...)(f)`, where `f` is a function of the file; and
    the same with what stands for `helion.kernel` in the file. In a class `staticmethod(...)` may stand around it.
    """
    assigned = (found for statement in module.tree.body for found in assigned_calls(statement))
    return tuple(kernel for name, prefix, value in assigned for kernel in _kernel(module, name, prefix, value))


def _kernel(module: ModuleSyntax, assigned: ast.Name, prefix: str, value: ast.Call) -> Iterator[KernelSyntax]:
    match value:
        case ast.Call(func=ast.Name(id="staticmethod"), args=[ast.Call() as inner], keywords=[]) if prefix:
            value = inner
        case _:
            pass
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
