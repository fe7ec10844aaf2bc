"""A kernel and the workspace's folders in, where other files name it and the arguments that stand there out; runs in the worker.

Files are read and parsed, never imported. A search ends with its time; what it has found is kept, so the next one gets further.
"""

from __future__ import annotations

import ast
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from helion.signatures.from_call_sites import signatures_of_call_sites
from helion.signatures.notation import format_notation
from helion.syntax.project_files import module_file, parsed_file
from helion.syntax.tree import KernelSyntax, ModuleSyntax, span_of
from helion.typecheck.global_names import FileGlobals
from helion_lsp.worker.workspace_files import python_files

_SECONDS = 0.4


@dataclass(frozen=True)
class _Found:
    """What one file, as it was written at a time, says of one kernel."""

    written: int
    uses: tuple[dict[str, Any], ...] = ()
    signatures: tuple[tuple[int, str], ...] = ()


class WorkspaceUses:
    """Remembers what it found, by file and kernel, while the file is not written again."""

    def __init__(self) -> None:
        self._found: dict[tuple[Path, Path, str], _Found] = {}

    def uses(self, kernel: KernelSyntax, folders: Sequence[str], seconds: float = _SECONDS) -> dict[str, Any]:
        """`{uses: [{path, line, start, end}], signatures: [{notation, label}], complete}`; columns count characters, lines from 0."""
        until = time.monotonic() + seconds
        uses: list[dict[str, Any]] = []
        signatures: dict[str, str] = {}
        complete = True
        own = Path(kernel.file.path)
        for path in python_files(folders):
            if time.monotonic() > until:
                complete = False
                break
            found = None if path == own else self._of(path, kernel, own)
            if found is not None:
                uses.extend(found.uses)
                for line, notation in found.signatures:
                    signatures.setdefault(notation, f"the call at {path.name}:{line}")
        rows = [{"notation": notation, "label": label} for notation, label in signatures.items()]
        return {"uses": uses, "signatures": rows, "complete": complete}

    def _of(self, path: Path, kernel: KernelSyntax, own: Path) -> _Found | None:
        """Parses only a file that has the words for importing the kernel."""
        key = (path, own, kernel.qualname)
        try:
            written = path.stat().st_mtime_ns
            if key in self._found and self._found[key].written == written:
                return self._found[key]
            text = path.read_bytes()
        except OSError:
            return None
        found = _Found(written)
        module = parsed_file(path) if kernel.name.encode() in text and own.stem.encode() in text else None
        if module is not None:
            for local in _local_names(module, kernel, own):
                found = _Found(written, tuple(_uses(module, local)), tuple(_signatures(module, kernel, local)))
        self._found[key] = found
        return found


def _local_names(module: ModuleSyntax, kernel: KernelSyntax, own: Path) -> list[str]:
    """What a file calls a kernel that it imports from the kernel's own file."""
    return [
        name
        for name, imported in module.imports.items()
        if imported.attribute == kernel.qualname and module_file(module.file.path, imported.module) == own
    ]


def _uses(module: ModuleSyntax, local: str) -> Iterator[dict[str, Any]]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Name) and node.id == local:
            span = span_of(module.file, node)
            where = module.file.position(span.start)
            yield {"path": module.file.path, "line": where.line, "start": where.column, "end": where.column + len(local)}


def _signatures(module: ModuleSyntax, kernel: KernelSyntax, local: str) -> Iterator[tuple[int, str]]:
    """The line and the types of each call that says them."""
    there = replace(kernel, module=module, file=module.file, name=local)
    for line, types in signatures_of_call_sites(there, FileGlobals(module)):
        yield line, format_notation(types)
