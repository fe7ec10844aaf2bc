"""A file in, the findings of its kernels and of their locks out, ready to print and to keep; runs nothing of the file."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any

from helion import compiler
from helion.diagnostics.diagnostic import Diagnostic
from helion.diagnostics.json_form import diagnostic_to_json
from helion.diagnostics.render import render
from helion.locks.doubts import evidence_left, lock_diagnostics
from helion.locks.sidecar import sidecar_path
from helion.source import SourceFile
from helion.syntax.project_files import files_behind
from helion.syntax.tree import KernelSyntax


def check_file(file: SourceFile) -> Iterator[tuple[str | None, Diagnostic]]:
    """The diagnostics of a file with the kernel each is in, None for those of the whole file; then those of locks."""
    yield from compiler.check_file(file)
    module = compiler.parse(file)
    for kernel in module.every_kernel:
        yield from ((kernel.qualname, d) for d in _of_locks(kernel))
    yield from ((None, d) for d in evidence_left(module))


def files_beside(file: SourceFile) -> tuple[Path, ...]:
    """The files of the project that what is found depends on."""
    return files_behind(compiler.parse(file))


def _of_locks(kernel: KernelSyntax) -> tuple[Diagnostic, ...]:
    """With the kernel's spaces where there is evidence that could disagree with it."""
    if "configs" not in kernel.keywords:
        return ()
    if not sidecar_path(Path(kernel.file.path)).is_file():
        return tuple(lock_diagnostics(kernel))
    return tuple(lock_diagnostics(kernel, cache(partial(compiler.lock_space, kernel))))


def findings_of(file: SourceFile) -> list[dict[str, Any]]:
    """The form of `helion check --json`, each with what a terminal shows: `text`, and `coloured`."""
    found: list[dict[str, Any]] = []
    for kernel, diagnostic in check_file(file):
        shown = {"text": render(file, [diagnostic], colour=False), "coloured": render(file, [diagnostic], colour=True)}
        found.append({**diagnostic_to_json(file, kernel, diagnostic), **shown})
    return found
