"""A parsed file in, a key for each kernel out: what was found out about a kernel holds while its key stays the same."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from helion.syntax.namesakes import editor_name
from helion.syntax.project_files import files_behind
from helion.syntax.tree import KernelSyntax, ModuleSyntax


def kernel_start(kernel: KernelSyntax) -> int:
    """The start of the line where it begins, so that a decorator's `@` is inside."""
    return kernel.file.line_starts[kernel.file.position(kernel.parts[0].start).line]


def _written(path: Path) -> str:
    return str(path.stat().st_mtime_ns)


def kernel_keys(
    module: ModuleSyntax,
    stamp: Callable[[Path], str] = _written,
    calls: Callable[[KernelSyntax], str] = lambda kernel: "",
    behind: Callable[[ModuleSyntax], Iterable[Path]] = files_behind,
) -> Iterator[tuple[KernelSyntax, str]]:
    """Each kernel with a digest of what its data depends on: its text, its line (messages name lines) and what it sees of the module.

    `stamp` changes with a file of the project, `calls` with what is known of a kernel's calls in other files; `behind` are the files that
    the module's names lead to.
    """
    context = "\n".join((*_context(module), *(f"{path} {stamp(path)}" for path in behind(module))))
    for kernel in module.every_kernel:
        begin = kernel.parts[0].start
        where = [f"{module.file.position(part.start)} {part.start - begin} {module.file.text_of(part)}" for part in kernel.parts]
        parts = (module.file.path, editor_name(kernel), *where, context, calls(kernel))
        yield kernel, hashlib.sha1("\0".join(parts).encode("utf-8", errors="replace"), usedforsecurity=False).hexdigest()


def _context(module: ModuleSyntax) -> Iterator[str]:
    """Everything at the top level but the bodies of kernels, with its lines: imports, constants, helper functions, call sites. What a call
    makes a kernel of is also a function that others may call."""
    kernels = {k.function.node for k in module.kernels}
    starts = module.file.line_starts
    for node in module.tree.body:
        if node in kernels and isinstance(node, ast.FunctionDef):
            yield f"kernel {node.name}"
        elif not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            end = starts[node.end_lineno] if node.end_lineno is not None and node.end_lineno < len(starts) else len(module.file.text)
            yield f"{node.lineno} {module.file.text[starts[node.lineno - 1] : end]}"
