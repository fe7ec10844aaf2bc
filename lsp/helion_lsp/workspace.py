"""Open documents with their newest finished analysis; analyses are asked of the worker, superseded by version, never waited for by edits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from helion.source import SourceFile
from helion_lsp.worker_client import WorkerClient, WorkerUnavailable


@dataclass
class Document:
    """One open text. `analysis` belongs to `analysed_text`, which may be older than `file`: then it is stale."""

    uri: str
    path: str
    version: int
    file: SourceFile
    analysis: dict[str, Any] | None = None
    analysed_text: str = ""
    task: asyncio.Task[None] | None = field(default=None, repr=False)

    @property
    def is_stale(self) -> bool:
        return self.analysis is not None and self.analysed_text != self.file.text

    @property
    def mentions_helion(self) -> bool:
        return "helion" in self.file.text


class Workspace:
    """The open documents. `analysed` is awaited whenever an analysis of a document's current text has arrived."""

    def __init__(self, worker: WorkerClient, analysed: Callable[[Document], Awaitable[None]]) -> None:
        self._worker = worker
        self._analysed = analysed
        self.documents: dict[str, Document] = {}

    def open(self, uri: str, path: str, version: int, text: str) -> Document:
        document = Document(uri, path, version, SourceFile(path, text))
        self.documents[uri] = document
        self._schedule(document)
        return document

    def change(self, uri: str, version: int, text: str) -> Document:
        document = self.documents[uri]
        document.version = version
        document.file = SourceFile(document.path, text)
        self._schedule(document)
        return document

    def close(self, uri: str) -> None:
        document = self.documents.pop(uri, None)
        if document is not None and document.task is not None:
            document.task.cancel()

    def analyse_all(self) -> None:
        """Ask again for every document: the worker is a new one."""
        for document in self.documents.values():
            self._schedule(document)

    def _schedule(self, document: Document) -> None:
        if document.task is not None and not document.task.done():
            document.task.cancel()
        if document.mentions_helion:
            document.task = asyncio.ensure_future(self._analyse(document))

    async def _analyse(self, document: Document) -> None:
        text = document.file.text
        try:
            analysis = await self._worker.request("analyse", document.path, text)
        except (WorkerUnavailable, TimeoutError):
            return
        if document.file.text == text:
            document.analysis, document.analysed_text = analysis, text
            await self._analysed(document)

    async def current(self, document: Document, seconds: float) -> dict[str, Any] | None:
        """The analysis of the current text if it arrives in time, else the newest there is."""
        if document.task is not None and not document.task.done():
            await asyncio.wait([document.task], timeout=seconds)
        return document.analysis
