"""Documents and what is written beside them in, checks made again where that matters out: helpers, and calls of kernels, in other files.

What others write counts as it stands in their editor, saved or not. Nothing of it is waited for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from helion.syntax.module_files import module_file
from helion_lsp.front.worker_client import WorkerClient, WorkerUnavailable
from helion_lsp.front.workspace import Document, Workspace

_PAUSE_SECONDS = 0.15
_MOST_STEPS = 60


class Neighbours:
    """`folders` are the workspace's."""

    def __init__(self, documents: Workspace, worker: WorkerClient, folders: Callable[[], Sequence[str]]) -> None:
        self._documents = documents
        self._worker = worker
        self._folders = folders
        self._pauses: dict[str, asyncio.Task[None]] = {}
        self._searches: dict[str, asyncio.Task[None]] = {}

    def changed(self, document: Document) -> None:
        """Somebody types in a document; those beside it hear of it once they pause."""
        pause = self._pauses.pop(document.uri, None)
        if pause is not None:
            pause.cancel()
        if self._documents.documents.keys() - {document.uri}:
            self._pauses[document.uri] = asyncio.ensure_future(self._after_pause(document.uri, document.path))

    async def _after_pause(self, uri: str, path: str) -> None:
        await asyncio.sleep(_PAUSE_SECONDS)
        self._pauses.pop(uri, None)
        await self.written(path)

    async def evidence_written(self, path: str) -> None:
        """The sidecar of locks beside a source says something else than before."""
        for document in list(self._documents.documents.values()):
            if document.mentions_helion and document.path == path:
                await self._documents.analyse_again(document)

    async def written(self, path: str) -> None:
        """A file says something else than before, in the editor or on the disk: check again what imports it, look again for what calls."""
        changed = Path(path)
        for document in list(self._documents.documents.values()):
            if document.mentions_helion and document.path != path:
                if path in document.files_behind or any(imports_file(document, changed)):
                    await self._documents.analyse_again(document)
                self.search(document)

    def search(self, document: Document) -> None:
        """Look for calls of a document's kernels in other files, unless that goes on already."""
        search = self._searches.get(document.uri)
        if self._worker.is_ready and self._folders() and (search is None or search.done()):
            self._searches[document.uri] = asyncio.ensure_future(self._search(document))

    async def _search(self, document: Document) -> None:
        """A little at a time, so that what somebody waits for comes in between."""
        for _ in range(_MOST_STEPS):
            await asyncio.sleep(_PAUSE_SECONDS)
            try:
                found = await self._worker.request("calls", document.path, document.file.text, {"folders": self._folders()})
            except WorkerUnavailable:
                return
            if found["changed"] and document.uri in self._documents.documents:
                await self._documents.analyse_again(document)
            if found["complete"]:
                return

    def end(self) -> None:
        for task in (*self._pauses.values(), *self._searches.values()):
            task.cancel()


def imports_file(document: Document, path: Path) -> Iterator[bool]:
    """Whether a document imports names from a file; its analysis says which ones it leads to beyond."""
    for module in {imported.module for imported in document.module.imports.values() if imported.attribute is not None}:
        yield module.rpartition(".")[2] in (path.stem, path.parent.name) and module_file(document.path, module) == path
