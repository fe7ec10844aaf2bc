"""Text in, `ModuleSyntax` out, also for text that is broken mid-edit: what does not parse is repaired, the rest is kept.

Files of the project are read where a kernel's decorator is imported from them, and nothing of them is run.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from helion.source import SourceFile, Span
from helion.syntax.kernel_decorators import kernel_decorator
from helion.syntax.module_files import module_file
from helion.syntax.repair import parse_with_repair
from helion.syntax.top_level import functions_in, scopes_around_functions, unconditional
from helion.syntax.tree import FunctionSyntax, ImportedName, KernelSyntax, ModuleSyntax, span_of
from helion.syntax.wrapped_kernels import wrapped_kernels

# What `from helion import *` binds; the package itself stands above this one.
STAR_NAMES = (
    *(
        "Config",
        "Kernel",
        "OutputCodeOptions",
        "RefMode",
        "Settings",
        "aot_kernel",
        "autotuner",
        "cdiv",
        "exc",
        "experimental",
        "from_cache",
    ),
    *("jit", "kernel", "language", "locks", "next_power_of_2", "runtime"),
)
_MOST_BYTES = 1 << 20
_NAME = re.compile(r"def(?:\s|\\\r?\n)+([^\W\d]\w*)")


def parse_module(file: SourceFile, *, follows: bool = True) -> ModuleSyntax:
    """The module's syntax; `diagnostics` name what did not parse. Unless it `follows` imports no other file is looked at."""
    module = _outline(file)
    module.elsewhere = _Elsewhere(file.path) if follows else None
    module.kernels = tuple(_kernels(module, _functions(module)))
    module.wrapped = wrapped_kernels(module)
    return module


def _outline(file: SourceFile) -> ModuleSyntax:
    """All but the kernels."""
    repaired = parse_with_repair(file)
    tree = repaired.tree
    module = ModuleSyntax(file, tree, diagnostics=repaired.diagnostics, repairs=repaired.repairs)
    module.imports = {**_inner_imports(file, tree.body), **dict(_imports(file, tree.body))}
    module.constants = dict(_constants(tree.body))
    module.functions = {qualname: function_syntax(file, node) for qualname, node in _functions(module)}
    return module


def _constants(body: Sequence[ast.stmt]) -> Iterator[tuple[str, ast.expr]]:
    """What the names of the top level are given, `LIMIT: Final = 8` among them."""
    for node in body:
        match node:
            case ast.Assign(targets=targets, value=value):
                yield from ((target.id, value) for target in targets if isinstance(target, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                yield name, value
            case _:
                pass


def _functions(module: ModuleSyntax) -> list[tuple[str, ast.FunctionDef]]:
    """Several may have one name."""
    return [function for statement in module.tree.body for function in functions_in(statement)]


def whole_file(path: Path, parse: Callable[[SourceFile], ModuleSyntax]) -> ModuleSyntax | None:
    """What a file on the disk parses to; None where it cannot be read, is no UTF-8, is very long or is broken."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            return None
        module = parse(SourceFile.read(path))
    except (OSError, UnicodeDecodeError):
        return None
    return None if module.diagnostics else module


class _Elsewhere:
    """The outlines of the project's modules that a file may import."""

    def __init__(self, importer: str) -> None:
        self._importer = importer

    def __call__(self, module: str) -> ModuleSyntax | None:
        path = module_file(self._importer, module)
        try:
            return None if path is None else _outline_on_disk(path, path.stat().st_mtime_ns)
        except OSError:
            return None


@lru_cache(maxsize=64)
def _outline_on_disk(path: Path, written: int) -> ModuleSyntax | None:  # `written` tells a file's states apart
    module = whole_file(path, _outline)
    if module is not None:
        module.elsewhere = _Elsewhere(str(path))
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
    for scope, inner in (scope for statement in body for scope in scopes_around_functions(statement)):
        for name, imported in _imports(file, inner):
            known = found.get(name)
            if known is None:
                found[name] = replace(imported, scopes=(scope,))
            elif (known.module, known.attribute) == (imported.module, imported.attribute):
                found[name] = replace(known, scopes=(*known.scopes, scope))
    return found


def _imports(file: SourceFile, body: Sequence[ast.stmt]) -> Iterator[tuple[str, ImportedName]]:
    for node in unconditional(body):
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


def _kernels(module: ModuleSyntax, functions: list[tuple[str, ast.FunctionDef]]) -> Iterator[KernelSyntax]:
    for qualname, node in functions:
        for decorator in node.decorator_list:
            syntax = kernel_decorator(decorator, module, qualname)
            if syntax is None:
                continue
            yield KernelSyntax(module.file, node.name, qualname, function_syntax(module.file, node), syntax, module)
            break
