"""Requests about a document in, answers from the newest finished analysis out: the features, with positions put in."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Any

from lsprotocol import types as lsp

from helion.types.untyped import is_mapping
from helion_lsp.features.code_lens import code_lenses
from helion_lsp.features.hover import hover
from helion_lsp.features.inlay_hints import inlay_hints, wanted_kinds
from helion_lsp.features.regions import device_regions
from helion_lsp.features.view import View
from helion_lsp.front.server import HelionServer
from helion_lsp.front.workspace import Document

_PATIENCE = 0.5
_DIAGNOSTICS_PATIENCE = 5.0
_STALE = "*from the last text that was checked*"
_UNKNOWN = "`?`"


async def _current(ls: HelionServer, uri: str, patience: float = _PATIENCE) -> tuple[Document, View] | None:
    document = ls.documents.documents.get(uri)
    if document is None:
        return None
    view = await ls.documents.current(document, patience)
    return None if view is None else (document, view)


async def on_hover(ls: HelionServer, params: lsp.HoverParams) -> lsp.Hover | None:
    document = ls.documents.documents.get(params.text_document.uri)
    if document is None:
        return None
    offset = ls.columns.offset_of(document.file, params.position)
    view = await ls.documents.near(document, offset, _PATIENCE)
    if not document.is_being_edited and (view is None or not view.is_stale):
        view = await ls.documents.detailed(document, _PATIENCE)
    if view is None:
        return None
    options: Any = ls.options.get("hover")
    documentation = not is_mapping(options) or bool(options.get("documentation", True))
    found = hover(view, offset, documentation=documentation)
    sound = document.sound_view() if found is None or found[2].startswith(_UNKNOWN) else None
    if sound is not None:
        # Half a line above may hide what everything below is; it was known a moment ago.
        better = hover(sound, offset, documentation=documentation)
        if better is not None and not better[2].startswith(_UNKNOWN):
            view, found = sound, better
    if found is None:
        return None
    start, end, text = found
    content = lsp.MarkupContent(kind=lsp.MarkupKind.Markdown, value=f"{text}\n\n{_STALE}" if view.is_stale else text)
    return lsp.Hover(contents=content, range=ls.columns.range_of(document.file, start, end))


async def on_inlay_hint(ls: HelionServer, params: lsp.InlayHintParams) -> list[lsp.InlayHint]:
    kinds = wanted_kinds(ls.options.get("inlayHints") or {})
    wait = ls.documents.detailed if "loops" in kinds else ls.documents.current
    document = ls.documents.documents.get(params.text_document.uri)
    view = await wait(document, _PATIENCE) if kinds and document is not None else None
    if document is None or view is None:
        return []
    start, end = (ls.columns.offset_of(document.file, p) for p in (params.range.start, params.range.end))
    return [
        lsp.InlayHint(position=ls.columns.position_of(document.file, offset), label=label, kind=lsp.InlayHintKind.Type)
        for offset, label in inlay_hints(view, start, end, kinds)
    ]


async def on_code_lens(ls: HelionServer, params: lsp.CodeLensParams) -> list[lsp.CodeLens]:
    current = await _current(ls, params.text_document.uri)
    if current is None:
        return []
    document, view = current
    return [
        lsp.CodeLens(
            range=ls.columns.range_of(document.file, *lens.span),
            command=lsp.Command(title=lens.title, command=lens.command or "", arguments=list(lens.arguments) or None),
        )
        for lens in code_lenses(view, document.uri)
    ]


async def on_diagnostic(ls: HelionServer, params: lsp.DocumentDiagnosticParams) -> Any:
    """Waits for the analysis of the current text while there is a worker; what a late one adds is announced by a refresh."""
    document = ls.documents.documents.get(params.text_document.uri)
    if document is None or not document.mentions_helion:
        return lsp.RelatedFullDocumentDiagnosticReport(items=[])
    await ls.documents.current(document, _DIAGNOSTICS_PATIENCE)
    items = ls.diagnostics_of(document)
    # Only for an analysis that is under way: the client's answer to a refresh is this request again.
    if (document.is_stale or document.analysis is None) and document.task is not None and not document.task.done():
        ls.keep(_refresh_after(ls, document.task))
    identity = hashlib.sha1(f"{document.file.text}\0{items}".encode("utf-8", errors="replace"), usedforsecurity=False).hexdigest()
    if identity == params.previous_result_id:
        return lsp.RelatedUnchangedDocumentDiagnosticReport(result_id=identity)
    return lsp.RelatedFullDocumentDiagnosticReport(items=items, result_id=identity)


async def _refresh_after(ls: HelionServer, analysis: asyncio.Task[None]) -> None:
    await analysis
    await ls.refresh()


async def on_regions(ls: HelionServer, params: Any) -> list[dict[str, Any]]:
    """`helion/regions` {uri}: the parts of the text that run on the device."""
    current = await _current(ls, params.uri)
    if current is None:
        return []
    document, view = current
    return [
        {"kernel": kernel, "kind": "device", "range": ls.columns.range_of(document.file, start, end)}
        for kernel, start, end in device_regions(view)
    ]
