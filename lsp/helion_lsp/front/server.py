"""The front: documents in, the newest finished analyses kept and published; imports no torch and never blocks."""

from __future__ import annotations

import asyncio
import logging
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer

from helion.diagnostics.diagnostic import Diagnostic
from helion.source import SourceFile
from helion.types.untyped import is_mapping
from helion_lsp.features.diagnostics import decisions, diagnostics
from helion_lsp.features.inlay_hints import wanted_kinds
from helion_lsp.front.compiled_decisions import CompiledDecisions
from helion_lsp.front.language_client import LanguageClient
from helion_lsp.front.live_previews import LivePreviews
from helion_lsp.front.manual import Manual
from helion_lsp.front.neighbours import Neighbours
from helion_lsp.front.protocol import Columns, path_of
from helion_lsp.front.pygls_fixes import RepairedProtocol, pulls_and_refreshes
from helion_lsp.front.session_locks import SessionLocks
from helion_lsp.front.tried_fixes import TriedFixes
from helion_lsp.front.tunings import Tunings
from helion_lsp.front.worker_client import WORKER_COMMAND, WorkerClient, WorkerUnavailable
from helion_lsp.front.worker_process import spawned
from helion_lsp.front.workspace import Document, Workspace
from helion_lsp.front.zygote import Zygote, can_fork

CLIENT_SECONDS = 10.0
_COMPILE_SECONDS = 180.0
_log = logging.getLogger(__name__)


class HelionServer(LanguageServer):
    """Documents, workers and running tunings. `worker` checks; `compiler` compiles for previews, so that a long one delays no hover.

    pygls' pool has one thread: the reader's own, which nothing else may occupy.
    """

    live_previews: LivePreviews

    def __init__(self, worker_command: tuple[str, ...] | None = None) -> None:
        super().__init__(  # pyright: ignore[reportUnknownMemberType]  # pygls leaves the type of its converter out
            "helion-lsp",
            "0.1.0",
            text_document_sync_kind=lsp.TextDocumentSyncKind.Incremental,
            protocol_cls=RepairedProtocol,
            max_workers=1,
        )
        self._zygote = Zygote() if worker_command is None and can_fork() else None
        start = spawned(worker_command or WORKER_COMMAND) if self._zygote is None else self._zygote.start
        self.worker = WorkerClient(start, self._worker_state, texts=self._unsaved)
        self.compiler = WorkerClient(start, deadline=_COMPILE_SECONDS, texts=self._unsaved)
        self.session_locks = SessionLocks()
        self.language = LanguageClient(self.worker)
        self.documents = Workspace(self.worker, self._analysed, self.session_locks.of, self._detailed, self._detail_options)
        self.options: Mapping[str, Any] = {}
        self.initial_options: Mapping[str, Any] = {}
        self.folders: list[str] = []
        self.compiled = CompiledDecisions(self.compiler, lambda: self.options.get("target"), self._more_to_show)
        self.tried = TriedFixes(self.worker)
        self.neighbours = Neighbours(self.documents, self.worker, lambda: self.folders)
        self.columns = Columns()
        self.manual = Manual(self.preview_folder)
        self.shows_decisions = False
        self.tuned = Tunings()
        self.tunings: set[tuple[str, str]] = set()
        self.tasks: set[asyncio.Task[Any]] = set()
        self._preview_folder: Path | None = None

    @property
    def trusted(self) -> bool:
        """Whether more than syntax may be looked at, and commands may run the user's code; editors without trust leave it out."""
        return bool(self.options.get("trusted", True))

    @property
    def pulls_diagnostics(self) -> bool:
        return pulls_and_refreshes(self.client_capabilities)

    def preview_folder(self) -> Path:
        """A private folder for previews as plain files, removed on shutdown."""
        if self._preview_folder is None:
            self._preview_folder = Path(tempfile.mkdtemp(prefix="helion-previews-"))
        return self._preview_folder

    def _unsaved(self, path: str) -> dict[str, str]:
        """The texts of the other documents that are not what the disk says."""
        return {d.path: d.file.text for d in self.documents.documents.values() if d.path != path and not d.is_saved}

    async def end(self) -> None:
        """Stop what runs, with every process that it started."""
        self.neighbours.end()
        self.compiled.end()
        self.live_previews.end()
        for task in list(self.tasks):
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await self.worker.close()
        await self.compiler.close()
        if self._zygote is not None:
            await self._zygote.close()
        if self._preview_folder is not None:
            shutil.rmtree(self._preview_folder, ignore_errors=True)

    def keep(self, coroutine: Any) -> asyncio.Task[Any]:
        """Run something beside the requests; it is held until it ends."""
        task = asyncio.ensure_future(coroutine)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    def _worker_state(self, state: str, message: str) -> None:
        self.protocol.notify("helion/status", {"state": state, "message": message})
        if state == "broken":
            # Few clients know of the notification, and all that they have then is silence.
            self.window_show_message(lsp.ShowMessageParams(type=lsp.MessageType.Warning, message=f"Helion: {message}"))
        if state == "ready":
            self.language.learn()
            self.documents.analyse_all()
            self.keep(self._refresh_when_analysed())

    async def _refresh_when_analysed(self) -> None:
        """What was asked before there was a worker has been answered with nothing."""
        tasks = [document.task for document in self.documents.documents.values() if document.task is not None]
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.refresh()

    def _analysed(self, document: Document) -> None:
        """A newer analysis of the current text is there: it is pushed, or the client is told to ask again."""
        self.publish(document)
        if not document.was_searched:
            document.was_searched = True
            self.neighbours.search(document)
        self.previews_changed(document.uri)

    def previews_changed(self, uri: str) -> None:
        """What previews of a document would be now may be something else than what is shown."""
        self.protocol.notify("helion/previewChanged", {"uri": uri})
        self.live_previews.changed(uri)

    def _detail_options(self) -> dict[str, Any]:
        return {"target": self.options.get("target")}

    def _detailed(self, document: Document) -> None:
        """What the later stages know of the current text is there: clients ask again only if they show some of it."""
        has_doubts = any(kernel.get("doubts") for kernel in (document.details or {}).get("kernels", {}).values())
        changes_diagnostics = has_doubts or document.had_doubts or self.shows_decisions
        document.had_doubts = has_doubts
        if "loops" in wanted_kinds(self.options.get("inlayHints") or {}) or changes_diagnostics:
            self._more_to_show(document)
        if self.shows_decisions:
            self.compiled.follow(document)

    def _more_to_show(self, document: Document) -> None:
        self.publish(document)
        self.keep(self.refresh())

    def publish(self, document: Document) -> None:
        """Push diagnostics to a client that does not pull them: the worker's when it has answered, else those of the syntax."""
        if self.pulls_diagnostics or not (document.mentions_helion or document.has_published):
            return
        found = self.diagnostics_of(document) if document.mentions_helion else []
        document.has_published = bool(found)
        self.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri=document.uri, version=document.version, diagnostics=found))

    def diagnostics_of(self, document: Document) -> list[lsp.Diagnostic]:
        """What is known of the current text: all of it, or its syntax with what was known of the text before where that is unchanged."""
        view = document.view()
        found = [] if view is None else diagnostics(view)
        found += decisions(view, self.compiled.of(document)) if view is not None and self.shows_decisions else []
        if view is None or document.is_stale:
            syntax = [_plain(d) for d in document.module.diagnostics]
            found = [*syntax, *(d for d in found if d["code"] not in {s["code"] for s in syntax} | {"syntax-error"})]
        return [self.columns.diagnostic_of(document.file, document.uri, d, self.manual.address(d["code"])) for d in found]

    async def refresh(self) -> None:
        """Have the client ask again for what changed without an edit."""
        workspace = self.client_capabilities.workspace
        if workspace is None:
            return
        asked: list[Any] = []
        if workspace.inlay_hint is not None and workspace.inlay_hint.refresh_support:
            asked.append(self.workspace_inlay_hint_refresh_async(None))
        if workspace.code_lens is not None and workspace.code_lens.refresh_support:
            asked.append(self.workspace_code_lens_refresh_async(None))
        if self.pulls_diagnostics:
            asked.append(self.workspace_diagnostic_refresh_async(None))
        if asked:
            # A client that refuses, or answers nonsense, is asked again the next time.
            await asyncio.wait([asyncio.gather(*asked, return_exceptions=True)], timeout=CLIENT_SECONDS)


def _plain(diagnostic: Diagnostic) -> dict[str, Any]:
    span = (diagnostic.span.start, diagnostic.span.end)
    return {"span": span, "code": diagnostic.code, "severity": diagnostic.severity.value, "message": diagnostic.message(), "notes": []}


# -- the server's life ----------------------------------------------------------------------------------------------


def initialize(ls: HelionServer, params: lsp.InitializeParams) -> None:
    ls.options = params.initialization_options if is_mapping(params.initialization_options) else {}
    ls.initial_options = ls.options
    ls.shows_decisions = bool(ls.options.get("decisions", False))
    roots = [folder.uri for folder in params.workspace_folders or ()] or [uri for uri in (params.root_uri,) if uri]
    ls.folders = [path_of(uri) for uri in roots]
    ls.columns = Columns(ls.protocol.workspace.position_encoding or lsp.PositionEncodingKind.Utf16)


async def initialized(ls: HelionServer, params: lsp.InitializedParams) -> None:
    """Without trust there is no worker: the front checks syntax, and nothing reads what stands beside the text."""
    if ls.trusted:
        await ls.worker.start()
    else:
        ls.protocol.notify("helion/status", {"state": "untrusted", "message": "the workspace is not trusted: only syntax is checked"})


async def shutdown(ls: HelionServer, params: None) -> None:
    await ls.end()


async def toggle_decisions(ls: HelionServer) -> bool:
    """Command `helion.toggleDecisions`: show what the compiler decided, or no longer; whether it is shown now."""
    await show_decisions(ls, not ls.shows_decisions)
    return ls.shows_decisions


async def show_decisions(ls: HelionServer, are_shown: bool) -> None:
    ls.shows_decisions = are_shown
    for document in list(ls.documents.documents.values()):
        if ls.shows_decisions:
            await ls.documents.detailed(document, CLIENT_SECONDS)
            ls.compiled.follow(document)
        ls.publish(document)
    await ls.refresh()


# -- documents ------------------------------------------------------------------------------------------------------


def did_open(ls: HelionServer, params: lsp.DidOpenTextDocumentParams) -> None:
    item = params.text_document
    document = ls.documents.open(item.uri, path_of(item.uri), item.version, item.text, looks_beside=ls.trusted)
    document.saved_text = _on_disk(document.path)
    if not document.is_saved:
        ls.neighbours.changed(document)
    ls.publish(document)


def _on_disk(path: str) -> str | None:
    """What a file says; None where there is none, or what it says is no text."""
    try:
        return Path(path).read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def did_change(ls: HelionServer, params: lsp.DidChangeTextDocumentParams) -> None:
    document = ls.documents.documents.get(params.text_document.uri)
    if document is None:
        _log.warning("change of a document that is not open: %s", params.text_document.uri)
        return
    file = ls.columns.applied(document.file, params.content_changes)
    is_new_text = file.text != document.file.text
    ls.documents.change(document.uri, params.text_document.version, file)
    if document.is_analysed and not is_new_text:
        ls.publish(document)  # there is no analysis to come, and diagnostics are of a version
    ls.neighbours.changed(document)
    # The worker begins first: parsing here takes as long as a tenth of its answer.
    asyncio.get_running_loop().call_soon(_publish_syntax, ls, document, file)


def _publish_syntax(ls: HelionServer, document: Document, file: SourceFile) -> None:
    """What need not wait for the worker, if no newer edit, and no answer, has come first."""
    if document.file is not file or ls.documents.documents.get(document.uri) is not document or document.is_analysed:
        return
    if not document.mentions_helion or not ls.worker.is_ready or document.module.diagnostics:
        ls.publish(document)


async def did_save(ls: HelionServer, params: lsp.DidSaveTextDocumentParams) -> None:
    document = ls.documents.documents.get(params.text_document.uri)
    if document is not None:
        document.saved_text = document.file.text
        await settle(ls, document)
    await ls.neighbours.written(path_of(params.text_document.uri))
    if document is not None and document.mentions_helion:
        ls.neighbours.search(document)


async def settle(ls: HelionServer, document: Document) -> None:
    """Have the evidence beside a document agree with its saved text, and the lenses say so."""
    session = ls.session_locks.of(document.uri)
    if not session:
        return
    try:
        changed = await ls.worker.request("settle", document.path, "", {"session_locks": session})
    except WorkerUnavailable as problem:
        _log.warning("the evidence of the locks in %s was not brought up to date: %s", document.path, problem)
        return
    if changed:
        await ls.documents.analyse_again(document)
        await ls.refresh()


def did_close(ls: HelionServer, params: lsp.DidCloseTextDocumentParams) -> None:
    document = ls.documents.documents.get(params.text_document.uri)
    ls.documents.close(params.text_document.uri)
    ls.live_previews.forget(params.text_document.uri)
    if document is not None and not document.is_saved:
        ls.neighbours.changed(document)
    if not ls.pulls_diagnostics:
        ls.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri=params.text_document.uri, diagnostics=[]))
