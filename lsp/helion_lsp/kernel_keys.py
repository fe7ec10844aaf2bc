"""A parsed file in, a key for each kernel out: what was found out about a kernel holds while its key stays the same."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

from helion.syntax.project_files import module_file
from helion.syntax.tree import KernelSyntax, ModuleSyntax


def kernel_start(kernel: KernelSyntax) -> int:
    """The start of the decorator's line, so that the `@` is inside."""
    span = kernel.function.span if kernel.decorator is None else kernel.decorator.span
    return kernel.file.line_starts[kernel.file.position(span.start).line]


def _written(path: Path) -> str:
    return str(path.stat().st_mtime_ns)


def kernel_keys(
    module: ModuleSyntax, stamp: Callable[[Path], str] = _written, calls: Callable[[KernelSyntax], str] = lambda kernel: ""
) -> Iterator[tuple[KernelSyntax, str]]:
    """Each kernel with a digest of what its data depends on: its text, its line (messages name lines) and what it sees of the module.

    `stamp` changes with a file of the project, `calls` with what is known of a kernel's calls in other files.
    """
    context = _context(module, stamp)
    for kernel in module.kernels:
        start = kernel_start(kernel)
        line = module.file.position(start).line
        parts = (module.file.path, kernel.qualname, str(line), module.file.text[start : kernel.function.span.end], context, calls(kernel))
        yield kernel, hashlib.sha1("\0".join(parts).encode("utf-8", errors="replace"), usedforsecurity=False).hexdigest()


def _context(module: ModuleSyntax, stamp: Callable[[Path], str]) -> str:
    """Everything at the top level but the bodies of kernels, with its lines: imports, constants, helper functions, call sites."""
    kernels = {k.function.node for k in module.kernels}
    starts = module.file.line_starts
    parts: list[str] = []
    for node in module.tree.body:
        if node in kernels and isinstance(node, ast.FunctionDef):
            parts.append(f"kernel {node.name}")
        elif not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            end = starts[node.end_lineno] if node.end_lineno is not None and node.end_lineno < len(starts) else len(module.file.text)
            parts.append(f"{node.lineno} {module.file.text[starts[node.lineno - 1] : end]}")
    return "\n".join((*parts, *_files_of_project(module, stamp)))


def _files_of_project(module: ModuleSyntax, stamp: Callable[[Path], str]) -> Iterator[str]:
    """The files whose functions and constants the module imports, each with its stamp."""
    for name in sorted({imported.module for imported in module.imports.values() if imported.attribute is not None}):
        path = module_file(module.file.path, name)
        if path is not None:
            yield f"{path} {stamp(path)}"
