"""Text in, `ModuleSyntax` out, also for text that is broken mid-edit: what does not parse is repaired, the rest is kept."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace

from helion.source import SourceFile, Span
from helion.syntax.repair import parse_with_repair
from helion.syntax.tree import DecoratorSyntax, FunctionSyntax, ImportedName, KernelSyntax, ModuleSyntax, span_of

_DECORATORS = frozenset({"helion.kernel", "helion.jit", "helion.runtime.kernel", "helion.runtime.jit", "helion.runtime.kernel.kernel"})
# What `from helion import *` binds; the package itself stands above this one.
STAR_NAMES = (
    *("Config", "Kernel", "OutputCodeOptions", "RefMode", "Settings", "aot_kernel", "autotuner", "cdiv", "exc", "from_cache"),
    *("jit", "kernel", "language", "locks", "next_power_of_2", "runtime"),
)
_NAME = re.compile(r"def(?:\s|\\\r?\n)+([^\W\d]\w*)")


def parse_module(file: SourceFile) -> ModuleSyntax:
    """The module's syntax; `diagnostics` name what did not parse."""
    repaired = parse_with_repair(file)
    tree = repaired.tree
    module = ModuleSyntax(file, tree, diagnostics=repaired.diagnostics, repairs=repaired.repairs)
    module.imports = {**_inner_imports(file, tree.body), **dict(_imports(file, tree.body))}
    module.constants = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    functions = list(_functions(tree.body, ""))
    module.functions = {qualname: function_syntax(file, node) for qualname, node in functions}
    module.kernels = tuple(_kernels(module, functions))
    return module


def function_syntax(file: SourceFile, node: ast.FunctionDef | ast.Lambda) -> FunctionSyntax:
    """The syntax of one `def` or `lambda`."""
    span = span_of(file, node)
    if isinstance(node, ast.Lambda):
        return FunctionSyntax(file, "<lambda>", node, span, span)
    name = _NAME.match(file.text, span.start)
    return FunctionSyntax(file, node.name, node, span, span if name is None else Span(*name.span(1)))


# -- what a module holds --------------------------------------------------------------------------------------------


def _inner_imports(file: SourceFile, body: list[ast.stmt]) -> dict[str, ImportedName]:
    """Those of functions and classes around functions: a kernel may stand in a function that imports for it."""
    found: dict[str, ImportedName] = {}
    for scope, inner in _scopes_around_functions(body, ""):
        for name, imported in _imports(file, inner):
            known = found.get(name)
            if known is None:
                found[name] = replace(imported, scopes=(scope,))
            elif (known.module, known.attribute) == (imported.module, imported.attribute):
                found[name] = replace(known, scopes=(*known.scopes, scope))
    return found


def _scopes_around_functions(body: list[ast.stmt], prefix: str) -> Iterator[tuple[str, list[ast.stmt]]]:
    for node in _unconditional(body):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            scope = f"{prefix}{node.name}."
            if any(isinstance(inner, ast.FunctionDef) for inner in _unconditional(node.body)):
                yield scope, node.body
            yield from _scopes_around_functions(node.body, scope)


def _imports(file: SourceFile, body: list[ast.stmt]) -> Iterator[tuple[str, ImportedName]]:
    for node in _unconditional(body):
        if isinstance(node, ast.Import):
            for alias in node.names:
                name = alias.asname or alias.name.split(".")[0]
                module = alias.name if alias.asname else alias.name.split(".")[0]
                yield name, ImportedName(module, None, span_of(file, alias))
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            for alias in node.names:
                if (module, alias.name) == ("helion", "*"):
                    yield from ((name, ImportedName(module, name, span_of(file, alias))) for name in STAR_NAMES)
                yield alias.asname or alias.name, ImportedName(module, alias.name, span_of(file, alias))


def _functions(body: list[ast.stmt], prefix: str) -> Iterator[tuple[str, ast.FunctionDef]]:
    for node in _unconditional(body):
        if isinstance(node, ast.FunctionDef):
            yield prefix + node.name, node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield from _functions(node.body, f"{prefix}{node.name}.")


def _unconditional(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements in order, those under control flow (`if`, `try`, `with`, loops, `match`) like the rest."""
    for node in body:
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for part in ast.iter_child_nodes(node):
                if isinstance(part, ast.stmt):
                    yield from _unconditional([part])
                elif isinstance(part, ast.ExceptHandler | ast.match_case):
                    yield from _unconditional(part.body)


def _kernels(module: ModuleSyntax, functions: list[tuple[str, ast.FunctionDef]]) -> Iterator[KernelSyntax]:
    for qualname, node in functions:
        for decorator in node.decorator_list:
            if not is_kernel_decorator(decorator, module, qualname):
                continue
            call = decorator if isinstance(decorator, ast.Call) else None
            syntax = DecoratorSyntax(span_of(module.file, decorator), call)
            yield KernelSyntax(module.file, node.name, qualname, function_syntax(module.file, node), syntax, module)
            break


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
