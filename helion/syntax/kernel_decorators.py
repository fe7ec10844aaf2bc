"""An expression and the module that it stands in, the decorator that it is out: `helion.kernel` under any name, or what makes its calls.

Names are followed through the file: `partial(helion.kernel, ...)`, a `helion.kernel(...)` that waits for its function, and a function that
returns `helion.kernel(f, ...)` of its first parameter.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from helion.syntax.tree import DecoratorSyntax, ModuleSyntax, span_of

_DECORATORS = frozenset({"helion.kernel", "helion.jit", "helion.runtime.kernel", "helion.runtime.jit", "helion.runtime.kernel.kernel"})


def kernel_decorator(node: ast.expr, module: ModuleSyntax, scope: str = "") -> DecoratorSyntax | None:
    """What an expression is where it stands above a `def`; None where that is no kernel. `scope` is where it stands: `make.` in the
    function `make`."""
    span = span_of(module.file, node)
    call = node if isinstance(node, ast.Call) else None
    named = node.func if isinstance(node, ast.Call) else node
    if _is_kernel(named, module, scope):
        return DecoratorSyntax(span, call)
    for name in _names(module, named):
        value = module.constants.get(name)
        if isinstance(value, ast.Call) and _is_partial(value, module):
            return DecoratorSyntax(span, call, value)
        if call is None and isinstance(value, ast.Call) and not value.args and _is_kernel(value.func, module, ""):
            return DecoratorSyntax(span, None, value, is_fixed=True)
        factory = module.functions.get(name)
        made = None if call is not None or factory is None else _returned(factory.node, module, f"{name}.")
        if made is not None:
            return DecoratorSyntax(span, None, made, is_fixed=True)
    return None


def kernel_call(node: ast.Call, module: ModuleSyntax, scope: str) -> tuple[DecoratorSyntax, str] | None:
    """The options of a call that makes a kernel of a function, and the function's name."""
    options = node.func
    match node.args, [keyword.value for keyword in node.keywords if keyword.arg == "fn"]:
        case ([ast.Name(id=name), *_], []) | ([], [ast.Name(id=name)]):
            pass
        case _:
            return None
    found = kernel_decorator(options, module, scope)
    if found is None:
        return None
    if isinstance(options, ast.Call):
        return (found, name) if not options.args else None
    if found.is_fixed and not _passes_options(module, options):
        return DecoratorSyntax(span_of(module.file, node), None, found.shared, is_fixed=True), name
    return DecoratorSyntax(span_of(module.file, node), node, found.shared), name


def _is_kernel(node: ast.expr, module: ModuleSyntax, scope: str) -> bool:
    return _path_of(node, module, scope, frozenset()) in _DECORATORS


def _is_partial(node: ast.Call, module: ModuleSyntax) -> bool:
    if _path_of(node.func, module, "", frozenset()) != "functools.partial" or len(node.args) != 1:
        return False
    return _is_kernel(node.args[0], module, "")


def _returned(function: ast.FunctionDef | ast.Lambda, module: ModuleSyntax, scope: str) -> ast.Call | None:
    """The call by which a function makes a kernel of its first parameter and returns it, where that is all that it returns."""
    if isinstance(function, ast.Lambda) or not function.args.args:
        return None
    returned = [node.value for node in function.body if isinstance(node, ast.Return)]
    match returned:
        case [ast.Call(args=[ast.Name(id=name)]) as call] if name == function.args.args[0].arg and _is_kernel(call.func, module, scope):
            return call
        case _:
            return None


def _passes_options(module: ModuleSyntax, factory: ast.expr) -> bool:
    """Whether a function that makes kernels hands all keywords on."""
    for name in _names(module, factory):
        function = module.functions.get(name)
        if function is None or not isinstance(function.node, ast.FunctionDef) or function.node.args.kwarg is None:
            continue
        made, rest = _returned(function.node, module, f"{name}."), function.node.args.kwarg.arg
        return made is not None and any(k.arg is None and isinstance(k.value, ast.Name) and k.value.id == rest for k in made.keywords)
    return False


def _names(module: ModuleSyntax, node: ast.expr) -> Iterator[str]:
    """The name that an expression is, unless the file gives it to several things."""
    if isinstance(node, ast.Name) and node.id not in module.rebound:
        yield node.id


def _path_of(node: ast.expr, module: ModuleSyntax, scope: str, seen: frozenset[str]) -> str | None:
    """The full name of what an expression names: `h.kernel` is `helion.kernel` after `import helion as h`."""
    if isinstance(node, ast.Attribute):
        owner = _path_of(node.value, module, scope, seen)
        return None if owner is None else f"{owner}.{node.attr}"
    if not isinstance(node, ast.Name) or node.id in seen:
        return None
    imported = module.imports.get(node.id)
    if imported is not None and scope.startswith(imported.scopes):
        return imported.module if imported.attribute is None else f"{imported.module}.{imported.attribute}"
    constant = module.constants.get(node.id)
    return None if constant is None else _path_of(constant, module, scope, seen | {node.id})
