"""Open documents with their newest finished analysis; one analysis a document is under way at a time, and edits never wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from helion.source import SourceFile
from helion_lsp.features.view import UNCHANGED, TextChange, View
from helion_lsp.worker_client import WorkerClient, WorkerUnavailable

_ATTEMPTS = 4


@dataclass
class Document:
    """One open text. `analysis` belongs to `analysed_text`, which may be older than `file`: then it is stale.

    It is outdated when something beside the text has changed that it speaks of.
    """

    uri: str
    path: str
    version: int | None
    file: SourceFile
    analysis: dict[str, Any] | None = None
    analysed_text: str = ""
    is_outdated: bool = False
    has_published: bool = False
    task: asyncio.Task[None] | None = field(default=None, repr=False)
    _change: tuple[str, TextChange] | None = field(default=None, repr=False)

    @property
    def is_stale(self) -> bool:
        return self.analysis is not None and self.analysed_text != self.file.text

    @property
    def mentions_helion(self) -> bool:
        return "helion" in self.file.text

    def view(self) -> View | None:
        """The newest analysis in terms of the current text."""
        if self.analysis is None:
            return None
        if not self.is_stale:
            return View(self.analysis, UNCHANGED)
        if self._change is None or self._change[0] is not self.file.text:
            self._change = (self.file.text, TextChange.between(self.analysed_text, self.file.text))
        return View(self.analysis, self._change[1])


class Workspace:
    """The open documents. `analysed` is called whenever an analysis of a document's current text has arrived.

    `session_locks` gives the evidence of a document's locks that this session wrote.
    """

    def __init__(
        self,
        worker: WorkerClient,
        analysed: Callable[[Document], None],
        session_locks: Callable[[str], list[dict[str, Any]]] = lambda uri: [],
    ) -> None:
        self._worker = worker
        self._analysed = analysed
        self._session_locks = session_locks
        self.documents: dict[str, Document] = {}

    def open(self, uri: str, path: str, version: int, text: str) -> Document:
        document = Document(uri, path, version, SourceFile(path, text))
        self.documents[uri] = document
        self._schedule(document)
        return document

    def change(self, uri: str, version: int, file: SourceFile) -> Document:
        document = self.documents[uri]
        document.version = version
        document.file = file
        self._schedule(document)
        return document

    def close(self, uri: str) -> None:
        document = self.documents.pop(uri, None)
        if document is not None and document.task is not None:
            document.task.cancel()

    def analyse_all(self) -> None:
        """See that every document gets its analysis: the worker is a new one."""
        for document in self.documents.values():
            self._schedule(document)

    async def analyse_again(self, document: Document) -> None:
        """See that a document gets a new analysis though its text has not changed, and wait for it."""
        document.is_outdated = True
        self._schedule(document)
        if document.task is not None:
            await asyncio.wait([document.task])

    def _schedule(self, document: Document) -> None:
        """Start the document's analysis, unless one is under way: that one goes on until it has seen the newest text.

        Without a worker there is none; `analyse_all` makes up for it once there is.
        """
        if document.mentions_helion and self._worker.is_started and (document.task is None or document.task.done()):
            document.task = asyncio.ensure_future(self._analyse(document))

    async def _analyse(self, document: Document) -> None:
        for _ in range(_ATTEMPTS):
            try:
                while (text := document.file.text) != document.analysed_text or document.analysis is None or document.is_outdated:
                    document.is_outdated = False
                    params = {"quarantined": self._worker.quarantined, "session_locks": self._session_locks(document.uri)}
                    analysis = await self._worker.request("analyse", document.path, text, params)
                    document.analysis, document.analysed_text = analysis, text
                    if document.file.text == text and document.uri in self.documents:
                        self._analysed(document)
            except WorkerUnavailable:
                continue
            return

    async def current(self, document: Document, seconds: float) -> View | None:
        """A view of the current text's analysis if it arrives in time, else of the newest there is; no waiting while there is no worker."""
        if document.task is not None and not document.task.done() and self._worker.is_ready:
            await asyncio.wait([document.task], timeout=seconds)
        return document.view()
