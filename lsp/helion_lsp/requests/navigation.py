"""Requests about places in, places out: definitions, references, highlights, renames; what the worker found, in the protocol's words."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcInvalidParams

from helion.source import Position, SourceFile
from helion.syntax.namesakes import editor_name, namesakes
from helion.syntax.tree import KernelSyntax
from helion_lsp.features.entities import Slots
from helion_lsp.features.navigation import (
    Link,
    Occurrence,
    decided_by,
    definitions,
    kernel_named,
    occurrences,
    uses_of_kernel,
)
from helion_lsp.features.place import place_at
from helion_lsp.features.rename import renameable, renamed
from helion_lsp.features.view import View
from helion_lsp.front.protocol import uri_of, versioned_edit
from helion_lsp.front.server import HelionServer
from helion_lsp.front.worker_client import WorkerUnavailable
from helion_lsp.front.workspace import Document
from helion_lsp.kernel_keys import kernel_start

_PATIENCE = 0.5
_log = logging.getLogger(__name__)
_Links = list[lsp.LocationLink] | list[lsp.Location] | None


async def _current(ls: HelionServer, uri: str) -> tuple[Document, View | None] | None:
    document = ls.documents.documents.get(uri)
    if document is None or not document.module.every_kernel:
        return None
    return document, await ls.documents.current(document, _PATIENCE)


async def on_definition(ls: HelionServer, params: lsp.DefinitionParams) -> _Links:
    current = await _current(ls, params.text_document.uri)
    if current is None:
        return None
    document, view = current
    offset = ls.columns.offset_of(document.file, params.position)
    documents = ls.client_capabilities.text_document
    support = None if documents is None else documents.definition
    links = definitions(document.module, view, _slots(document, offset), offset)
    return _located(ls, document, links, linked=bool(support is not None and support.link_support))


async def on_type_definition(ls: HelionServer, params: lsp.TypeDefinitionParams) -> _Links:
    current = await _current(ls, params.text_document.uri)
    if current is None:
        return None
    document, view = current
    if view is None:
        return None
    documents = ls.client_capabilities.text_document
    support = None if documents is None else documents.type_definition
    links = decided_by(document.module, view, ls.columns.offset_of(document.file, params.position))
    return _located(ls, document, links, linked=bool(support is not None and support.link_support))


async def on_references(ls: HelionServer, params: lsp.ReferenceParams) -> list[lsp.Location] | None:
    current = await _current(ls, params.text_document.uri)
    if current is None:
        return None
    document, view = current
    offset = ls.columns.offset_of(document.file, params.position)
    kernel = kernel_named(document.module, offset)
    if kernel is not None:
        return await _kernel_references(ls, document, kernel, declared=params.context.include_declaration)
    found = occurrences(document.module, view, offset)
    wanted = [o for o in found if params.context.include_declaration or o.kind != "definition"]
    return [lsp.Location(uri=document.uri, range=_range(ls, document, o)) for o in wanted] or None


async def _kernel_references(ls: HelionServer, document: Document, kernel: KernelSyntax, *, declared: bool) -> list[lsp.Location]:
    """Uses of a kernel in its own file, and in those of the workspace that import it."""
    spans = uses_of_kernel(document.module, kernel)
    if declared:
        spans = [*(one.name_span for one in namesakes(kernel)), *spans]
    found = [lsp.Location(uri=document.uri, range=ls.columns.range_of(document.file, s.start, s.end)) for s in spans]
    if not ls.trusted or not ls.folders:
        return found
    params = {"kernel": editor_name(kernel), "folders": ls.folders}
    try:
        elsewhere: dict[str, Any] = await ls.worker.request("uses", document.path, document.file.text, params)
    except WorkerUnavailable as problem:
        _log.info("uses of %s in other files are not known: %s", kernel.qualname, problem)
        return found
    files: dict[str, SourceFile] = {}
    for use in elsewhere["uses"]:
        path = str(use["path"])
        file = files.setdefault(path, SourceFile.read(path))
        start, end = (file.offset(Position(use["line"], use[side])) for side in ("start", "end"))
        found.append(lsp.Location(uri=uri_of(Path(path)), range=ls.columns.range_of(file, start, end)))
    return found


async def on_document_highlight(ls: HelionServer, params: lsp.DocumentHighlightParams) -> list[lsp.DocumentHighlight] | None:
    current = await _current(ls, params.text_document.uri)
    if current is None:
        return None
    document, view = current
    kinds = {"definition": lsp.DocumentHighlightKind.Write, "config": lsp.DocumentHighlightKind.Write}
    found = occurrences(document.module, view, ls.columns.offset_of(document.file, params.position))
    return [
        lsp.DocumentHighlight(range=_range(ls, document, o), kind=kinds.get(o.kind, lsp.DocumentHighlightKind.Read)) for o in found
    ] or None


async def on_prepare_rename(ls: HelionServer, params: lsp.PrepareRenameParams) -> lsp.PrepareRenamePlaceholder | None:
    current = await _current(ls, params.text_document.uri)
    if current is None:
        return None
    document, view = current
    if view is None:
        return None
    found = renameable(document.module, view, ls.columns.offset_of(document.file, params.position))
    if found is None:
        return None
    span, text = found
    return lsp.PrepareRenamePlaceholder(range=ls.columns.range_of(document.file, span.start, span.end), placeholder=text)


async def on_rename(ls: HelionServer, params: lsp.RenameParams) -> lsp.WorkspaceEdit | None:
    """Raises JsonRpcInvalidParams with the reason for a rename that might change what the kernel means."""
    current = await _current(ls, params.text_document.uri)
    if current is None:
        return None
    document, view = current
    if view is None:
        return None
    found = renamed(document.module, view, ls.columns.offset_of(document.file, params.position), params.new_name)
    if isinstance(found, str):
        raise JsonRpcInvalidParams(found)
    edits = ls.columns.text_edits_of(document.file, [(span.start, span.end, params.new_name) for span in found])
    return versioned_edit(document.uri, document.version, edits)


# -- into the protocol ----------------------------------------------------------------------------------------------


def _slots(document: Document, offset: int) -> Slots | None:
    """The places that the configs at an offset speak of, where the text of the kernel is what was prepared."""
    kernel = place_at(document.module, offset).kernel
    found = None if kernel is None or not document.has_details else document.tunable.get(editor_name(kernel))
    return None if kernel is None or found is None else Slots(found["knobs"], kernel_start(kernel))


def _range(ls: HelionServer, document: Document, occurrence: Occurrence) -> lsp.Range:
    return ls.columns.range_of(document.file, occurrence.span.start, occurrence.span.end)


def _located(ls: HelionServer, document: Document, links: list[Link], *, linked: bool) -> _Links:
    def place(start: int, end: int) -> lsp.Range:
        return ls.columns.range_of(document.file, start, end)

    if not links:
        return None
    if not linked:
        return [lsp.Location(uri=document.uri, range=place(link.target.start, link.target.end)) for link in links]
    return [
        lsp.LocationLink(
            target_uri=document.uri,
            target_range=place(link.whole.start, link.whole.end),
            target_selection_range=place(link.target.start, link.target.end),
            origin_selection_range=place(link.origin.start, link.origin.end),
        )
        for link in links
    ]
