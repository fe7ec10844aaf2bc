"""An expression and the module that it stands in, whether it names what makes kernels out: `helion.kernel`, under any name for it."""

from __future__ import annotations

import ast

from helion.syntax.tree import ModuleSyntax

_DECORATORS = frozenset({"helion.kernel", "helion.jit", "helion.runtime.kernel", "helion.runtime.jit", "helion.runtime.kernel.kernel"})


def is_kernel_decorator(node: ast.expr, module: ModuleSyntax, scope: str = "") -> bool:
    """Whether an expression names `helion.kernel` or `helion.jit`, called or not, under the file's names for it. `scope` is where it
    stands: `make.` in the function `make`."""
    return _path_of(node.func if isinstance(node, ast.Call) else node, module, scope, frozenset()) in _DECORATORS


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
