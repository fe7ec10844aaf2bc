"""The front: documents and requests in, answers from the newest finished analysis out; imports no torch and never blocks."""

from __future__ import annotations

import asyncio
import logging
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer

from helion.source import SourceFile
from helion.syntax.parse import parse_module
from helion_codemods.commands.lock import lock_config
from helion_codemods.outcome import Refused, minimal_edit
from helion_lsp import protocol
from helion_lsp.features.hover import hover
from helion_lsp.features.problems import fixes_at, problems
from helion_lsp.tuning import Tuned, TuningFailed, TuningRequest, tune
from helion_lsp.worker_client import WorkerClient, WorkerUnavailable
from helion_lsp.workspace import Document, Workspace

PREVIEW_SCHEME = "helion-preview"
_HOVER_PATIENCE = 0.5
_PREVIEW_KINDS = ("triton", "resources")
_log = logging.getLogger(__name__)


class HelionServer(LanguageServer):
    """Documents, the worker and running tunings."""

    def __init__(self) -> None:
        super().__init__("helion-lsp", "0.1.0", text_document_sync_kind=lsp.TextDocumentSyncKind.Full)
        self.worker = WorkerClient(on_state=self._state)
        self.documents = Workspace(self.worker, self._analysed)
        self.options: Mapping[str, Any] = {}
        self.tunings: dict[str, asyncio.Task[Any]] = {}

    @property
    def trusted(self) -> bool:
        return bool(self.options.get("trusted", True))

    def _state(self, state: str, message: str) -> None:
        self.protocol.notify("helion/status", {"state": state, "message": message})
        if state == "ready":
            self.documents.analyse_all()

    async def _analysed(self, document: Document) -> None:
        self.publish(document)
        self.protocol.notify("helion/previewChanged", {"uri": document.uri})

    def publish(self, document: Document) -> None:
        """The diagnostics of the document's current text: from the worker when it has answered, else those of the syntax."""
        if document.analysis is not None and not document.is_stale:
            found = problems(document.analysis)
            diagnostics = [protocol.diagnostic_of(document.file, document.uri, d) for d in found]
        else:
            diagnostics = syntax_diagnostics(document)
            if not diagnostics and document.is_stale:
                return
        self.text_document_publish_diagnostics(
            lsp.PublishDiagnosticsParams(uri=document.uri, version=document.version, diagnostics=diagnostics)
        )


def syntax_diagnostics(document: Document) -> list[lsp.Diagnostic]:
    """What the text alone tells, without the worker."""
    if not document.mentions_helion:
        return []
    found = parse_module(document.file).diagnostics
    return [
        protocol.diagnostic_of(
            document.file,
            document.uri,
            {"span": [d.span.start, d.span.end], "code": d.code, "severity": d.severity.value, "message": d.message(), "notes": []},
        )
        for d in found
    ]


server = HelionServer()


@server.feature(lsp.INITIALIZE)
def initialize(ls: HelionServer, params: lsp.InitializeParams) -> None:
    ls.options = params.initialization_options if isinstance(params.initialization_options, Mapping) else {}


@server.feature(lsp.INITIALIZED)
async def initialized(ls: HelionServer, params: lsp.InitializedParams) -> None:
    if ls.trusted:
        await ls.worker.start()


@server.feature(lsp.SHUTDOWN)
async def shutdown(ls: HelionServer, params: None) -> None:
    for task in ls.tunings.values():
        task.cancel()
    await ls.worker.close()


# -- documents ------------------------------------------------------------------------------------------------------


@server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
async def did_open(ls: HelionServer, params: lsp.DidOpenTextDocumentParams) -> None:
    item = params.text_document
    document = ls.documents.open(item.uri, protocol.path_of(item.uri), item.version, item.text)
    ls.publish(document)


@server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
async def did_change(ls: HelionServer, params: lsp.DidChangeTextDocumentParams) -> None:
    change = params.content_changes[-1]
    if isinstance(change, lsp.TextDocumentContentChangeWholeDocument):
        document = ls.documents.change(params.text_document.uri, params.text_document.version, change.text)
        if not ls.worker.is_ready or syntax_diagnostics(document):
            ls.publish(document)


@server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
async def did_close(ls: HelionServer, params: lsp.DidCloseTextDocumentParams) -> None:
    ls.documents.close(params.text_document.uri)
    ls.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri=params.text_document.uri, diagnostics=[]))


# -- features -------------------------------------------------------------------------------------------------------


@server.feature(lsp.TEXT_DOCUMENT_HOVER)
async def on_hover(ls: HelionServer, params: lsp.HoverParams) -> lsp.Hover | None:
    document = ls.documents.documents.get(params.text_document.uri)
    if document is None:
        return None
    analysis = await ls.documents.current(document, _HOVER_PATIENCE)
    if analysis is None:
        return None
    analysed = SourceFile(document.path, document.analysed_text)
    found = hover(analysis, protocol.offset_of(analysed, params.position))
    if found is None:
        return None
    start, end, text = found
    stale = "\n\n*from the last text that was checked*" if document.is_stale else ""
    content = lsp.MarkupContent(kind=lsp.MarkupKind.Markdown, value=text + stale)
    return lsp.Hover(contents=content, range=protocol.range_of(analysed, start, end))


@server.feature(lsp.TEXT_DOCUMENT_INLAY_HINT)
async def on_inlay_hint(ls: HelionServer, params: lsp.InlayHintParams) -> list[lsp.InlayHint]:
    document = ls.documents.documents.get(params.text_document.uri)
    wanted = ls.options.get("inlayHints") or {}
    if document is None or not any((wanted.get("shapes"), wanted.get("assumptions", True))):
        return []
    analysis = await ls.documents.current(document, _HOVER_PATIENCE)
    if analysis is None or document.is_stale:
        return []
    kinds = {"shape": wanted.get("shapes", False), "assumption": wanted.get("assumptions", True)}
    return [
        lsp.InlayHint(position=protocol.position_of(document.file, offset), label=label, padding_left=False)
        for kernel in analysis["kernels"]
        for offset, label, kind in kernel["hints"]
        if kinds[kind]
    ]


@server.feature(lsp.TEXT_DOCUMENT_CODE_LENS)
async def on_code_lens(ls: HelionServer, params: lsp.CodeLensParams) -> list[lsp.CodeLens]:
    document = ls.documents.documents.get(params.text_document.uri)
    if document is None or (analysis := await ls.documents.current(document, _HOVER_PATIENCE)) is None or document.is_stale:
        return []
    lenses: list[lsp.CodeLens] = []
    for kernel in analysis["kernels"]:
        where = protocol.range_of(document.file, *kernel["name_span"])
        for kind in _PREVIEW_KINDS:
            command = lsp.Command(title=kind.capitalize(), command="helion.showPreview", arguments=[document.uri, kernel["name"], kind])
            lenses.append(lsp.CodeLens(range=where, command=command))
        tune_command = lsp.Command(title="Tune and lock", command="helion.tuneAndLock", arguments=[document.uri, kernel["name"], {}])
        lenses.append(lsp.CodeLens(range=where, command=tune_command))
    return lenses


@server.feature(lsp.TEXT_DOCUMENT_CODE_ACTION, lsp.CodeActionOptions(code_action_kinds=[lsp.CodeActionKind.QuickFix]))
async def on_code_action(ls: HelionServer, params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
    document = ls.documents.documents.get(params.text_document.uri)
    if document is None or (analysis := await ls.documents.current(document, _HOVER_PATIENCE)) is None or document.is_stale:
        return []
    start, end = (protocol.offset_of(document.file, p) for p in (params.range.start, params.range.end))
    actions = [
        lsp.CodeAction(
            title=fix["title"],
            kind=lsp.CodeActionKind.QuickFix,
            diagnostics=[protocol.diagnostic_of(document.file, document.uri, diagnostic)],
            edit=protocol.versioned_edit(document.uri, document.version, protocol.text_edits_of(document.file, fix["edits"])),
        )
        for diagnostic, fix in fixes_at(analysis, start, end)
    ]
    for kernel in analysis["kernels"]:
        if kernel["name_span"][0] <= start <= kernel["name_span"][1]:
            command = lsp.Command(title="Tune and lock config", command="helion.tuneAndLock", arguments=[document.uri, kernel["name"], {}])
            actions.append(lsp.CodeAction(title="Tune and lock config", kind=lsp.CodeActionKind.Refactor, command=command))
    return actions


# -- previews -------------------------------------------------------------------------------------------------------


@server.feature("helion/preview")
async def on_preview(ls: HelionServer, params: Any) -> Any:
    """See docs/protocol.md."""
    return await preview(ls, _plain(params))


def _plain(value: Any) -> Any:
    """The named tuples that custom parameters arrive as, as dictionaries and lists."""
    if hasattr(value, "_asdict"):
        return {name: _plain(item) for name, item in value._asdict().items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


async def preview(ls: HelionServer, data: dict[str, Any]) -> dict[str, Any]:
    """The preview of a kernel of an open document; problems are its text."""
    document = ls.documents.documents.get(data["uri"])
    if document is None:
        return {"title": data.get("kernel", ""), "text": "# the document is not open", "languageId": "plaintext", "sourceMap": []}
    data.setdefault("target", ls.options.get("target"))
    try:
        return await ls.worker.request("preview", document.path, document.file.text, data)
    except (WorkerUnavailable, TimeoutError) as problem:
        return {"title": data["kernel"], "text": f"# no preview: {problem}", "languageId": "plaintext", "sourceMap": [], "estimated": False}


@server.command("helion.showPreview")
async def show_preview(ls: HelionServer, uri: str, kernel: str, kind: str) -> Any:
    """For clients without virtual documents: the preview as a plain file, shown by the client."""
    found = await preview(ls, {"uri": uri, "kernel": kernel, "kind": kind})
    folder = Path(tempfile.gettempdir()) / "helion-previews"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{kernel}.{'py' if found['languageId'] == 'python' else kind + '.txt'}"
    path.write_text(found["text"], encoding="utf-8")
    shown = lsp.ShowDocumentParams(uri=protocol.uri_of(path), take_focus=False)
    try:
        await asyncio.wait_for(ls.window_show_document_async(shown), 5)
    except TimeoutError:
        _log.info("the client did not say whether it shows %s", path)
    return {"path": str(path), "sourceMap": found["sourceMap"]}


@server.command("helion.restartWorker")
async def restart_worker(ls: HelionServer) -> None:
    ls.worker.kill()


# -- tune and lock --------------------------------------------------------------------------------------------------


@server.command("helion.tuneAndLock")
async def tune_and_lock(ls: HelionServer, uri: str, kernel: str, options: Any) -> dict[str, Any]:
    """Search in a child process, then write the winner into the decorator of the text as it is then, as one undoable edit."""
    document = ls.documents.documents.get(uri)
    if document is None or not ls.trusted:
        return {"locked": False, "message": "the document is not open" if ls.trusted else "the workspace is not trusted"}
    given = options if isinstance(options, Mapping) else {}
    request = TuningRequest(
        path=document.path,
        text=document.file.text,
        kernel=kernel,
        args=given.get("args"),
        target=given.get("target") or ls.options.get("target") or "sm_90",
        budget=float(given.get("budget") or ls.options.get("tuneBudget") or 60),
    )
    token = f"helion-tune-{kernel}"
    await ls.work_done_progress.create_async(token)
    begin = lsp.WorkDoneProgressBegin(title=f"Tuning {kernel}", cancellable=True, message="estimating" if request.target else "measuring")
    ls.work_done_progress.begin(token, begin)
    task = asyncio.ensure_future(tune(request, lambda event: _report(ls, token, request, event)))
    ls.tunings[token] = task
    cancelled = ls.work_done_progress.tokens.get(token)
    if cancelled is not None:
        cancelled.add_done_callback(lambda _: task.cancel())
    try:
        found = await task
        answer = await _write(ls, uri, kernel, request.args, found)
    except TuningFailed as problem:
        answer = {"locked": False, "message": str(problem)}
    except asyncio.CancelledError:
        answer = {"locked": False, "message": "cancelled"}
    ls.tunings.pop(token, None)
    ls.work_done_progress.end(token, lsp.WorkDoneProgressEnd(message=answer["message"]))
    ls.work_done_progress.tokens.pop(token, None)
    return answer


async def _report(ls: HelionServer, token: str, request: TuningRequest, event: dict[str, Any]) -> None:
    best = event.get("best_us")
    if best is None:
        return
    left = event.get("seconds_left") or 0.0
    word = "estimated " if request.target else ""
    message = f"best {word}{best:.1f} µs, {event.get('trials', 0)} configs, {left:.0f} s left"
    percentage = round(100 * (1 - left / request.budget)) if request.budget else None
    ls.work_done_progress.report(token, lsp.WorkDoneProgressReport(message=message, percentage=percentage))


async def _write(ls: HelionServer, uri: str, kernel: str, signature: str | None, found: Tuned) -> dict[str, Any]:
    """Apply the edit to the current text; asked once more when the client says that the text has moved on."""
    word = "estimated " if found.estimated else ""
    for _ in range(2):
        document = ls.documents.documents.get(uri)
        if document is None:
            return {"locked": False, "message": "the document was closed"}
        outcome = lock_config(document.file.text, kernel, device=found.device, signature=signature, config=found.config)
        if isinstance(outcome, Refused):
            return {"locked": False, "message": f"the decorator was left as it is: {outcome.reason}"}
        edit = minimal_edit(document.file.text, outcome.text)
        if edit is None:
            return {"locked": True, "message": f"already locked, {word}{found.microseconds:.1f} µs"}
        edits = protocol.text_edits_of(document.file, [[edit.start, edit.end, edit.new_text]])
        change = protocol.versioned_edit(uri, document.version, edits)
        params = lsp.ApplyWorkspaceEditParams(edit=change, label=f"Lock config of {kernel}")
        try:
            applied = await asyncio.wait_for(ls.workspace_apply_edit_async(params), 10)
        except TimeoutError:
            return {"locked": False, "message": "the editor did not answer"}
        if applied.applied:
            return {"locked": True, "message": f"locked for {found.device}, {word}{found.microseconds:.1f} µs"}
    return {"locked": False, "message": "the text kept changing; nothing was written"}
