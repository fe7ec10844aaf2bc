"""An expression and the module that it stands in, the decorator that it is out: `helion.kernel` under any name, or what makes its calls."""

from __future__ import annotations

import ast

from helion.syntax.kernel_makers import find_maker, is_kernel
from helion.syntax.tree import DecoratorSyntax, ModuleSyntax, span_of


def kernel_decorator(node: ast.expr, module: ModuleSyntax, scope: str = "") -> DecoratorSyntax | None:
    """What an expression is where it stands above a `def`; None where that is no kernel. `scope` is where it stands: `make.` in the
    function `make`."""
    span = span_of(module.file, node)
    call = node if isinstance(node, ast.Call) else None
    named = node.func if isinstance(node, ast.Call) else node
    if is_kernel(named, module, scope):
        return DecoratorSyntax(span, call)
    maker = find_maker(named, module, scope)
    if maker is None or not (maker.decorates if call is None else maker.waits):
        return None
    if call is None:
        return DecoratorSyntax(span, None, maker.made, is_fixed=not (maker.waits and maker.takes_options))
    takes = maker.takes_options and not call.args and maker.passes(call)
    return DecoratorSyntax(span, call if takes else None, maker.made, is_fixed=not takes)


def kernel_call(node: ast.Call, module: ModuleSyntax, scope: str) -> tuple[DecoratorSyntax, str] | None:
    """The options of a call that makes a kernel of a function, and the function's name."""
    options = node.func
    match node.args, [keyword.value for keyword in node.keywords if keyword.arg == "fn"]:
        case ([ast.Name(id=name), *_], []) | ([], [ast.Name(id=name)]):
            pass
        case _:
            return None
    if not any(function.name == name for function in module.functions.values()):
        return None
    found = kernel_decorator(options, module, scope)
    if found is None:
        return None
    if isinstance(options, ast.Call):
        return (found, name) if not options.args else None
    span = span_of(module.file, node)
    maker = None if is_kernel(options, module, scope) else find_maker(options, module, scope)
    if maker is not None and not (maker.takes_options and maker.passes(node)):
        return DecoratorSyntax(span, None, found.shared, is_fixed=True), name
    return DecoratorSyntax(span, node, found.shared), name
