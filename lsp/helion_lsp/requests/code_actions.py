"""A range of a document in, what may be done there out: fixes, commands about locks and kernels, codemods, every safe fix at once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lsprotocol import types as lsp

from helion_lsp.features.code_actions import assert_assumptions, diagnostic_commands, kernel_at, kernel_commands, quick_fixes
from helion_lsp.features.view import View
from helion_lsp.front.protocol import versioned_edit
from helion_lsp.front.server import HelionServer
from helion_lsp.front.worker_client import WorkerUnavailable
from helion_lsp.front.workspace import Document

FIX_ALL = f"{lsp.CodeActionKind.SourceFixAll.value}.helion"
KINDS = [lsp.CodeActionKind.QuickFix, lsp.CodeActionKind.Refactor, lsp.CodeActionKind.RefactorRewrite, lsp.CodeActionKind.Source, FIX_ALL]
_PATIENCE = 0.5
_TRIES_PATIENCE = 1.0  # what is sure waits as long
_ACTION_PATIENCE = 3.0


async def on_code_action(ls: HelionServer, params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
    document = ls.documents.documents.get(params.text_document.uri)
    view = None if document is None else await ls.documents.current(document, _PATIENCE)
    if document is None or view is None:
        return []
    start, end = (ls.columns.offset_of(document.file, p) for p in (params.range.start, params.range.end))
    wanted = None if params.context.only is None else [_text(kind) for kind in params.context.only]
    if _is_wanted(lsp.CodeActionKind.QuickFix, wanted):
        file = document.file
        view = await ls.tried.within(document, view, start, end, _TRIES_PATIENCE)
        if document.file is not file:
            return []  # of a text that is gone: the client asks about the new one
    actions = [*_of_diagnostics(ls, document, view, start, end), *_of_kernel(ls, document, view, start, end)]
    if _is_wanted(lsp.CodeActionKind.RefactorRewrite, wanted):
        actions += await _codemods(ls, document, view, start)
    # Computed for all of the text, so only for who asks: menus and saving do, cursors that move do not.
    if wanted is not None and _is_wanted(FIX_ALL, wanted):
        actions += await _fix_all(ls, document)
    return [a for a in actions if _is_wanted(a.kind, wanted)]


def _is_wanted(kind: Any, wanted: Sequence[str] | None) -> bool:
    """Whether a kind is one of those asked for or a part of one: `source.fixAll.helion` is of `source`."""
    return wanted is None or any(w == "" or f"{_text(kind)}.".startswith(f"{w}.") for w in wanted)


def _text(kind: Any) -> str:
    return str(getattr(kind, "value", kind))


def _of_diagnostics(ls: HelionServer, document: Document, view: View, start: int, end: int) -> Iterator[lsp.CodeAction]:
    for fix in quick_fixes(view, start, end):
        yield lsp.CodeAction(
            title=fix.title,
            kind=lsp.CodeActionKind.QuickFix,
            diagnostics=[_diagnostic(ls, document, fix.diagnostic)],
            edit=versioned_edit(document.uri, document.version, ls.columns.text_edits_of(document.file, fix.edits)),
            is_preferred=fix.is_only,
        )
    for diagnostic, found in diagnostic_commands(view, document.uri, start, end):
        yield lsp.CodeAction(
            title=found.title,
            kind=lsp.CodeActionKind.QuickFix,
            diagnostics=[_diagnostic(ls, document, diagnostic)],
            command=lsp.Command(title=found.title, command=found.command, arguments=list(found.arguments)),
        )


def _diagnostic(ls: HelionServer, document: Document, data: Mapping[str, Any]) -> lsp.Diagnostic:
    return ls.columns.diagnostic_of(document.file, document.uri, data, ls.manual.address(data["code"]))


def _of_kernel(ls: HelionServer, document: Document, view: View, start: int, end: int) -> Iterator[lsp.CodeAction]:
    for found in kernel_commands(view, document.uri, start):
        yield lsp.CodeAction(
            title=found.title,
            kind=lsp.CodeActionKind.Source if found.command == "helion.showPreview" else lsp.CodeActionKind.Refactor,
            command=lsp.Command(title=found.title, command=found.command, arguments=list(found.arguments)),
        )
    for rewrite in assert_assumptions(view, start, end):
        yield lsp.CodeAction(
            title=rewrite.title,
            kind=lsp.CodeActionKind.RefactorRewrite,
            edit=versioned_edit(document.uri, document.version, ls.columns.text_edits_of(document.file, rewrite.edits)),
        )


async def _codemods(ls: HelionServer, document: Document, view: View, offset: int) -> list[lsp.CodeAction]:
    """Those that change the kernel whose decorator or `def` line the cursor is on, and edits of it that no codemod is for."""
    kernel = kernel_at(view, offset)
    file, version = document.file, document.version
    found = None if kernel is None else await _asked(ls, document, "rewrites", {"kernel": kernel})
    actions: list[lsp.CodeAction] = []
    for one in found or ():
        action = lsp.CodeAction(title=one["title"], kind=lsp.CodeActionKind.RefactorRewrite)
        if "edit" in one:
            action.edit = versioned_edit(document.uri, version, ls.columns.text_edits_of(file, [one["edit"]]))
        else:
            action.command = lsp.Command(
                title=one["title"], command="helion.codemod", arguments=[document.uri, one["name"], one["options"]]
            )
        actions.append(action)
    return actions


async def _fix_all(ls: HelionServer, document: Document) -> list[lsp.CodeAction]:
    """One edit with every fix that is safe and the only one of its diagnostic; none when there is nothing to mend."""
    file, version = document.file, document.version
    found = await _asked(ls, document, "fixes", {})
    if not found or found.get("edit") is None:
        return []
    edit = versioned_edit(document.uri, version, ls.columns.text_edits_of(file, [found["edit"]]))
    return [lsp.CodeAction(title="Fix everything that Helion can safely fix", kind=FIX_ALL, edit=edit)]


async def _asked(ls: HelionServer, document: Document, method: str, params: dict[str, Any]) -> Any:
    """The worker's answer if it comes in time; it is told of nothing that waits, so a late one is only dropped."""
    request = asyncio.ensure_future(ls.worker.request(method, document.path, document.file.text, params))
    done, _ = await asyncio.wait([request], timeout=_ACTION_PATIENCE)
    if not done:
        request.cancel()
        return None
    try:
        return request.result()
    except WorkerUnavailable:
        return None
