"""Open documents with their newest finished analysis; one analysis a document is under way at a time, and edits never wait for it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from helion.source import SourceFile
from helion.syntax.parse import parse_module
from helion.syntax.tree import ModuleSyntax
from helion_lsp.features.view import UNCHANGED, TextChange, TriedKey, View
from helion_lsp.front.slices import SLICE_SECONDS, known_details, known_kernels, whole_analysis, whole_details
from helion_lsp.front.worker_client import WorkerClient, WorkerUnavailable

_ATTEMPTS = 4
_IDLE_SECONDS = 0.12
_EDITING_SECONDS = 1.0
# How long the worker may go on with a text that is gone before it is ended: one kernel at a time, which is what it is asked for, takes a
# tenth of that.
_SUPERSEDED_SECONDS = 3.0


@dataclass
class Document:
    """One open text. `analysis` belongs to `analysed_text`, which may be older than `file`: then it is stale.

    It is outdated when something beside the text has changed that it speaks of. `details` are what the later stages know of the text
    `detailed_text`, by kernel key, `compiled` what compiled code does, by key, target and sample, `tried` which guessed fixes of
    their diagnostics are right; `samples` are the signatures that were chosen for kernels, `tunable` what each can be tuned in, by name;
    `had_doubts` says whether the newest details had diagnostics of locks, `was_searched` whether calls of its kernels in other files were
    looked for; `tokens` are the semantic tokens of the newest answer, under its identity. One that `looks_beside` knows kernels by
    decorators that other files make. It `is_asked` about while the worker is at an analysis of it; `superseding` ends the
    worker over one that nobody waits for any more.
    """

    uri: str
    path: str
    version: int | None
    file: SourceFile
    analysis: dict[str, Any] | None = None
    analysed_text: str = ""
    is_outdated: bool = False
    has_published: bool = False
    had_doubts: bool = False
    was_searched: bool = False
    saved_text: str | None = field(default=None, repr=False)
    task: asyncio.Task[None] | None = field(default=None, repr=False)
    changed_at: float = float("-inf")
    edited_offset: int = 0
    newer: asyncio.Event = field(default_factory=asyncio.Event, repr=False)
    details: dict[str, Any] | None = field(default=None, repr=False)
    detailed_text: str = ""
    details_task: asyncio.Task[None] | None = field(default=None, repr=False)
    compiled: dict[tuple[str, str, str], list[Any]] = field(default_factory=dict[tuple[str, str, str], list[Any]], repr=False)
    tried: dict[TriedKey, list[Any]] = field(default_factory=dict[TriedKey, list[Any]], repr=False)
    tunable: dict[str, Any] = field(default_factory=dict[str, Any], repr=False)
    samples: dict[str, str] = field(default_factory=dict[str, str])
    is_asked: bool = False
    superseding: asyncio.TimerHandle | None = field(default=None, repr=False)
    _change: tuple[str, TextChange] | None = field(default=None, repr=False)
    tokens: tuple[str, list[int]] | None = field(default=None, repr=False)
    _module: ModuleSyntax | None = field(default=None, repr=False)
    looks_beside: bool = True
    _sound: tuple[dict[str, Any], str] | None = field(default=None, repr=False)

    @property
    def module(self) -> ModuleSyntax:
        """The current text's syntax, parsed when it is first asked for."""
        if self._module is None or self._module.file is not self.file:
            self._module = parse_module(self.file, follows=self.looks_beside)
        return self._module

    def outdate(self) -> None:
        """Something beside the text has changed that it speaks of."""
        self.is_outdated = True
        self._module = None

    @property
    def is_saved(self) -> bool:
        """Whether the disk has this text."""
        return self.saved_text == self.file.text

    @property
    def is_stale(self) -> bool:
        return self.analysis is not None and self.analysed_text != self.file.text

    @property
    def is_analysed(self) -> bool:
        """Whether there is an analysis of all of the current text."""
        return (
            self.analysis is not None
            and not (self.is_stale or self.is_outdated)
            and not any(k["pending"] for k in self.analysis["kernels"])
        )

    @property
    def mentions_helion(self) -> bool:
        return "helion" in self.file.text or "HELION_" in self.file.text

    @property
    def files_behind(self) -> frozenset[str]:
        """The files that the newest analysis depends on besides the text."""
        return frozenset(() if self.analysis is None else self.analysis.get("files", ()))

    def take(self, analysis: dict[str, Any], text: str) -> None:
        """An analysis of a text has arrived; the newest one of all of a text that parses is kept while there are others."""
        self.analysis, self.analysed_text = analysis, text
        if not (any(k["pending"] for k in analysis["kernels"]) or _is_broken(analysis)):
            self._sound = analysis, text

    def sound_view(self) -> View | None:
        """What was known of the last text that parsed, in terms of the current one, where that does not parse."""
        if self._sound is None or self.analysis is None or not _is_broken(self.analysis):
            return None
        analysis, text = self._sound
        return View(analysis, TextChange.between(text, self.file.text))

    def view(self) -> View | None:
        """The newest analysis in terms of the current text."""
        if self.analysis is None:
            return None
        details = self.details or {}
        outside = details.get("hovers", ()) if self.detailed_text == self.analysed_text else ()
        if not self.is_stale:
            return View(self.analysis, UNCHANGED, details.get("kernels", {}), outside, self.tried)
        if self._change is None or self._change[0] is not self.file.text:
            self._change = (self.file.text, TextChange.between(self.analysed_text, self.file.text))
        return View(self.analysis, self._change[1], details.get("kernels", {}), outside, self.tried)

    @property
    def has_details(self) -> bool:
        """Whether there are details of all of the current text."""
        return self.details is not None and self.detailed_text == self.file.text and not self.details["pending"]

    @property
    def is_being_edited(self) -> bool:
        """Whether it was changed a moment ago."""
        return time.monotonic() - self.changed_at < _EDITING_SECONDS


def _is_broken(analysis: dict[str, Any]) -> bool:
    return any(diagnostic["code"] == "syntax-error" for diagnostic in analysis["diagnostics"])


class Workspace:
    """The open documents. `analysed` is called whenever an analysis of a document's current text has arrived, `detailed` when its details
    have.

    `session_locks` gives the evidence of a document's locks that this session wrote, `options` what details depend on besides the text.
    """

    def __init__(
        self,
        worker: WorkerClient,
        analysed: Callable[[Document], None],
        session_locks: Callable[[str], list[dict[str, Any]]] = lambda uri: [],
        detailed: Callable[[Document], None] = lambda document: None,
        options: Callable[[], dict[str, Any]] = dict,
    ) -> None:
        self._worker = worker
        self._analysed = analysed
        self._session_locks = session_locks
        self._detailed = detailed
        self._options = options
        self.documents: dict[str, Document] = {}

    def open(self, uri: str, path: str, version: int, text: str, *, looks_beside: bool = True) -> Document:
        document = Document(uri, path, version, SourceFile(path, text), looks_beside=looks_beside)
        self.documents[uri] = document
        self._schedule(document)
        return document

    def change(self, uri: str, version: int, file: SourceFile) -> Document:
        document = self.documents[uri]
        document.version = version
        document.file = file
        document.changed_at = time.monotonic()
        if document.is_asked and document.superseding is None:
            document.superseding = asyncio.get_running_loop().call_later(_SUPERSEDED_SECONDS, self._worker.give_up)
        self._schedule(document)
        return document

    def close(self, uri: str) -> None:
        document = self.documents.pop(uri, None)
        if document is None:
            return
        for task in (document.task, document.details_task):
            if task is not None:
                task.cancel()

    def analyse_all(self) -> None:
        """See that every document gets its analysis: the worker is a new one."""
        for document in self.documents.values():
            self._schedule(document)

    def detail_again(self) -> None:
        """See that the later stages look at every document anew: what they go by besides the texts has changed."""
        for document in self.documents.values():
            if document.details_task is not None:
                document.details = None
                self._schedule_details(document, 0.0)

    async def analyse_again(self, document: Document) -> None:
        """See that a document gets a new analysis though its text has not changed, and wait for it."""
        document.outdate()
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
        attempts = 0
        while attempts < _ATTEMPTS and not document.is_analysed:
            file = document.file
            try:
                await self._analyse_part(document)
            except WorkerUnavailable:
                attempts = attempts + 1 if document.file is file else 0

    async def _analyse_part(self, document: Document) -> None:
        await self._worker.until_ready()
        text, before = document.file.text, document.analysis
        document.is_outdated = False
        if before is not None and text != document.analysed_text:
            document.edited_offset = TextChange.between(document.analysed_text, text).new_end
        params = {
            "quarantined": self._worker.quarantined,
            "session_locks": self._session_locks(document.uri),
            "known": known_kernels(before),
            "first": document.edited_offset,
            "seconds": SLICE_SECONDS,
        }
        document.is_asked = True
        try:
            answer = await self._worker.request("analyse", document.path, text, params)
        finally:
            document.is_asked = False
            if document.superseding is not None:
                document.superseding.cancel()
                document.superseding = None
        document.take(whole_analysis(answer, before), text)
        document.newer.set()
        document.newer = asyncio.Event()
        if document.file.text == text and document.uri in self.documents:
            self._analysed(document)
            if document.is_analysed:
                self._schedule_details(document, _IDLE_SECONDS)

    def _schedule_details(self, document: Document, delay: float) -> None:
        """Have the later stages look at the text once nobody has typed for a while; what was planned before is given up."""
        if document.details_task is not None:
            document.details_task.cancel()
        document.details_task = asyncio.ensure_future(self._detail(document, delay))

    async def _detail(self, document: Document, delay: float) -> None:
        await asyncio.sleep(delay)
        text = document.file.text
        params = {
            **self._options(),
            "samples": dict(document.samples),
            "quarantined": self._worker.quarantined,
            "session_locks": self._session_locks(document.uri),
        }
        while document.file.text == text:
            part = {"known": known_details(document.details), "first": document.edited_offset, "seconds": SLICE_SECONDS}
            try:
                answer = await self._worker.request("details", document.path, text, params | part)
            except WorkerUnavailable:
                return
            document.details, document.detailed_text = whole_details(answer, document.details), text
            # Kept while a kernel cannot be lowered: what it can be tuned in is asked for when the text is broken.
            tunable = (data["tunable"] for data in document.details["kernels"].values())
            document.tunable.update({found["name"]: found for found in tunable if found is not None})
            if not answer["pending"]:
                break
        if document.file.text == text and document.uri in self.documents:
            self._detailed(document)

    async def choose_sample(self, document: Document, kernel: str, signature: str | None) -> None:
        """Have hovers and previews of a kernel speak of one signature, or again of what the text says; waits until they do."""
        document.samples.pop(kernel, None)
        if signature is not None:
            document.samples[kernel] = signature
        self._schedule_details(document, 0.0)
        # An analysis that ends meanwhile gives these details up for newer ones.
        while under_way := [task for task in (document.task, document.details_task) if task is not None and not task.done()]:
            await asyncio.wait(under_way)

    async def detailed(self, document: Document, seconds: float) -> View | None:
        """A view with the current text's details if they arrive in time; asked for at once where they are still put off."""
        view = await self.current(document, seconds)
        if view is not None and not view.is_stale and not document.has_details and self._worker.is_ready:
            self._schedule_details(document, 0.0)
            if document.details_task is not None:
                await asyncio.wait([document.details_task], timeout=seconds)
        return document.view()

    async def near(self, document: Document, offset: int, seconds: float) -> View | None:
        """A view that speaks of the kernel at an offset as it is now, if it arrives in time, else the newest there is."""
        ends = time.monotonic() + seconds
        while True:
            view = document.view()
            left = ends - time.monotonic()
            if (view is not None and view.is_settled_at(offset)) or not self._worker.is_ready or left <= 0:
                return view
            if document.task is None or document.task.done():
                return view
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(document.newer.wait(), left)

    async def current(self, document: Document, seconds: float) -> View | None:
        """A view of the current text's analysis if it arrives in time, else of the newest there is; no waiting while there is no worker."""
        if document.task is not None and not document.task.done() and self._worker.is_ready:
            await asyncio.wait([document.task], timeout=seconds)
        return document.view()
