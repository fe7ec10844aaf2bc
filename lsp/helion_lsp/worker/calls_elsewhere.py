"""A document's kernels and the workspace's folders in, what calls in other files say where a kernel's own file leaves it open, out.

It is looked for a little at a time, and kept: a check uses what is known, and is made again when that changes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from helion import compiler
from helion.signatures.from_call_sites import CallSite
from helion.source import SourceFile
from helion.syntax.namesakes import editor_name
from helion.syntax.tree import KernelSyntax
from helion.types.types import SequenceType, TensorType, Type, UnknownType
from helion_lsp.worker.surroundings import Surroundings
from helion_lsp.worker.workspace_uses import WorkspaceUses

_SECONDS = 0.15


class CallsElsewhere:
    """What is known of calls, by the kernel's file and name."""

    def __init__(self, uses: WorkspaceUses) -> None:
        self._uses = uses
        self.known: dict[tuple[str, str], tuple[CallSite, ...]] = {}

    def search(self, path: str, text: str, folders: Sequence[str], texts: Mapping[str, str]) -> dict[str, Any]:
        """`{changed, complete}`: a step of looking for calls of the kernels that leave something open."""
        around = Surroundings(texts, self.known)
        changed, complete = False, True
        for kernel in _open(path, text):
            before = around.calls_stamp(kernel)
            sites, is_all = self._uses.calls(kernel, folders, _SECONDS, around)
            complete = complete and is_all
            if is_all:
                self.known[path, editor_name(kernel)] = sites
                changed = changed or around.calls_stamp(kernel) != before
        return {"changed": changed, "complete": complete}


def _open(path: str, text: str) -> Iterator[KernelSyntax]:
    """Kernels with a parameter of which the file does not say everything."""
    for kernel in compiler.parse(SourceFile(path, text)).every_kernel:
        own = Surroundings().signature(kernel)
        if any(_leaves_open(parameter.type) for parameter in own.parameters.values()):
            yield kernel


def _leaves_open(type_: Type) -> bool:
    match type_:
        case TensorType(dtype=dtype, rank=rank):
            return dtype is None or rank is None
        case SequenceType(items=items):
            return any(map(_leaves_open, items))
        case _:
            return isinstance(type_, UnknownType)
