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

from helion.signatures.from_call_sites import CallSite, calls_in_file, signatures_of_call_sites
from helion.signatures.notation import format_notation
from helion.syntax.module_files import module_file
from helion.syntax.namesakes import editor_name
from helion.syntax.tree import KernelSyntax, ModuleSyntax, span_of
from helion.typecheck.global_names import FileGlobals
from helion_lsp.worker.surroundings import ALONE, Surroundings
from helion_lsp.worker.workspace_files import python_files

_SECONDS = 0.4


@dataclass(frozen=True)
class _Found:
    """What one file, as it was at a time, says of one kernel."""

    stamp: str
    uses: tuple[dict[str, Any], ...] = ()
    signatures: tuple[tuple[int, str], ...] = ()
    sites: tuple[CallSite, ...] = ()


class WorkspaceUses:
    """Remembers what it found, by file and kernel, while the file stays as it is, on the disk or in the editor."""

    def __init__(self) -> None:
        self._found: dict[tuple[Path, Path, str], _Found] = {}

    def uses(self, kernel: KernelSyntax, folders: Sequence[str], seconds: float = _SECONDS, around: Surroundings = ALONE) -> dict[str, Any]:
        """`{uses: [{path, line, start, end}], signatures: [{notation, label}], complete}`; columns count characters, lines from 0."""
        found, complete = self._search(kernel, folders, seconds, around)
        signatures: dict[str, str] = {}
        for path, one in found:
            for line, notation in one.signatures:
                signatures.setdefault(notation, f"the call at {path.name}:{line}")
        rows = [{"notation": notation, "label": label} for notation, label in signatures.items()]
        return {"uses": [use for _, one in found for use in one.uses], "signatures": rows, "complete": complete}

    def calls(
        self, kernel: KernelSyntax, folders: Sequence[str], seconds: float, around: Surroundings
    ) -> tuple[tuple[CallSite, ...], bool]:
        """The calls in other files, and whether all of the files were looked at in time."""
        found, complete = self._search(kernel, folders, seconds, around)
        return tuple(site for _, one in found for site in one.sites), complete

    def _search(
        self, kernel: KernelSyntax, folders: Sequence[str], seconds: float, around: Surroundings
    ) -> tuple[list[tuple[Path, _Found]], bool]:
        until = time.monotonic() + seconds
        own = Path(kernel.file.path)
        found: list[tuple[Path, _Found]] = []
        for path in python_files(folders):
            if time.monotonic() > until:
                return found, False
            one = None if path == own else self._of(path, kernel, own, around)
            if one is not None:
                found.append((path, one))
        return found, True

    def _of(self, path: Path, kernel: KernelSyntax, own: Path, around: Surroundings) -> _Found | None:
        """Parses only a file that has the words for importing the kernel."""
        key = (path, own, editor_name(kernel))
        try:
            stamp = around.stamp(path)
            if key in self._found and self._found[key].stamp == stamp:
                return self._found[key]
            text = around.texts.get(str(path))
            words = path.read_bytes() if text is None else text.encode("utf-8", errors="replace")
        except OSError:
            return None
        found = _Found(stamp)
        module = around.parsed(path) if kernel.name.encode() in words and own.stem.encode() in words else None
        if module is not None:
            for local in _local_names(module, kernel, own):
                names = around.names(module)
                sites = calls_in_file(kernel, module, local, names)
                found = _Found(stamp, tuple(_uses(module, local)), tuple(_signatures(module, kernel, local, names)), sites)
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


def _signatures(module: ModuleSyntax, kernel: KernelSyntax, local: str, names: FileGlobals) -> Iterator[tuple[int, str]]:
    """The line and the types of each call that says them."""
    there = replace(kernel, module=module, file=module.file, name=local)
    for line, types in signatures_of_call_sites(there, names):
        yield line, format_notation(types)
