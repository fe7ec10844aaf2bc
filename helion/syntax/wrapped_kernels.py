"""A module's syntax in, the kernels that it makes without a decorator out: `fast = helion.kernel(f, config=...)`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from helion.syntax.kernel_decorators import is_kernel_decorator
from helion.syntax.tree import DecoratorSyntax, FunctionSyntax, KernelSyntax, ModuleSyntax, span_of


def wrapped_kernels(module: ModuleSyntax) -> tuple[KernelSyntax, ...]:
    """In order of the text, each by the name it is assigned to; the decorator is the call that takes the options.

    Found are `name = helion.kernel(f, ...)`, also with `fn=f`, and `name = helion.kernel(...)(f)`, where `f` is a function of the file.
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
    match value:
        case ast.Call(func=ast.Call() as options, args=[ast.Name(id=name)]) if (
            is_kernel_decorator(options, module, prefix) and not options.args
        ):
            pass
        case ast.Call() if is_kernel_decorator(value, module, prefix):
            options, name = value, _given_function(value)
        case _:
            return
    function = None if name is None else _function(module, prefix, name)
    if function is not None:
        decorator = DecoratorSyntax(span_of(module.file, options), options)
        name, place = assigned.id, span_of(module.file, assigned)
        yield KernelSyntax(module.file, name, f"{prefix}{name}", function, decorator, module, place)


def _given_function(call: ast.Call) -> str | None:
    """The name of the function that a call makes a kernel of: its first argument, or `fn=`."""
    named = (keyword.value for keyword in call.keywords if keyword.arg == "fn")
    match [*call.args, *named]:
        case [ast.Name(id=name)]:
            return name
        case _:
            return None


def _function(module: ModuleSyntax, prefix: str, name: str) -> FunctionSyntax | None:
    """The function that a name means in a scope: the innermost one of that name around it."""
    while True:
        found = module.functions.get(prefix + name)
        if found is not None or not prefix:
            return found
        prefix = ".".join(prefix.split(".")[:-2]) + "." if prefix.count(".") > 1 else ""
