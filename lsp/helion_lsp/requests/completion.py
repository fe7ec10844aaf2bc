"""Requests while something is being typed in, completions and signatures out; answers come from what is known already."""

from __future__ import annotations

import re
from typing import Any

from lsprotocol import types as lsp

from helion.syntax.namesakes import editor_name
from helion.types.untyped import is_mapping
from helion_lsp.features.completion import Knowledge, completions, documentation
from helion_lsp.features.cursor import Cursor, cursor_at
from helion_lsp.features.items import Item
from helion_lsp.features.place import Place, place_at
from helion_lsp.features.signature_help import Signature, signatures
from helion_lsp.front.server import HelionServer
from helion_lsp.front.workspace import Document

_PATIENCE = 0.5
_STOP = re.compile(r"\$\{\d+:((?:\\.|[^}\\])*)\}|\$\d+")
_KINDS = {
    "function": lsp.CompletionItemKind.Function,
    "class": lsp.CompletionItemKind.Class,
    "property": lsp.CompletionItemKind.Property,
    "field": lsp.CompletionItemKind.Field,
    "value": lsp.CompletionItemKind.Value,
    "enumMember": lsp.CompletionItemKind.EnumMember,
    "constant": lsp.CompletionItemKind.Constant,
    "snippet": lsp.CompletionItemKind.Snippet,
}


async def on_completion(ls: HelionServer, params: lsp.CompletionParams) -> lsp.CompletionList | None:
    found = await _typing(ls, params.text_document.uri, params.position)
    if found is None:
        return None
    document, cursor, place, known = found
    kernel = "" if place.kernel is None else editor_name(place.kernel)
    items = completions(document.module, cursor, place, known)
    if not items:
        return None
    shown = [_item(ls, document, cursor, item, f"{item.rank}{n:04}", kernel) for n, item in enumerate(items)]
    return lsp.CompletionList(is_incomplete=False, items=shown)


async def on_completion_resolve(ls: HelionServer, item: lsp.CompletionItem) -> lsp.CompletionItem:
    """The documentation, which is not sent for rows that nobody looks at."""
    facts = await ls.language.facts(_PATIENCE)
    if facts is None or not is_mapping(item.data):
        return item
    document = ls.documents.documents.get(str(item.data.get("uri")))
    knobs = None if document is None else _knobs(document, str(item.data.get("kernel")))
    text = documentation(str(item.data.get("key")), facts, knobs)
    if text:
        formats = _wishes(ls).documentation_format or ()
        item.documentation = lsp.MarkupContent(kind=lsp.MarkupKind.Markdown, value=text) if lsp.MarkupKind.Markdown in formats else text
    return item


async def on_signature_help(ls: HelionServer, params: lsp.SignatureHelpParams) -> lsp.SignatureHelp | None:
    found = await _typing(ls, params.text_document.uri, params.position)
    if found is None:
        return None
    document, cursor, _, known = found
    shown = signatures(document.module, cursor, known)
    if not shown:
        return None
    active = next((n for n, s in enumerate(shown) if s.active is not None), 0)
    return lsp.SignatureHelp(
        signatures=[_signature(ls, s) for s in shown], active_signature=active, active_parameter=_active(shown[active])
    )


async def _typing(ls: HelionServer, uri: str, position: lsp.Position) -> tuple[Document, Cursor, Place, Knowledge] | None:
    """What is being typed in a document that has to do with us, and what is known; never waits for an analysis."""
    document = ls.documents.documents.get(uri)
    if document is None or not document.mentions_helion:
        return None
    facts = await ls.language.facts(_PATIENCE)
    if facts is None:
        return None
    offset = ls.columns.offset_of(document.file, position)
    place = place_at(document.module, offset)
    kernel = None if place.kernel is None else editor_name(place.kernel)
    view = document.view()
    here = None if view is None or kernel is None else next((k for k in view.kernels() if k["name"] == kernel), None)
    tiles = {} if here is None else {e["name"]: e["words"] for e in here["entities"] if e["kind"] == "tile"}
    options = ls.options.get("completion")
    members = not is_mapping(options) or bool(options.get("members", True))
    known = Knowledge(facts, None if kernel is None else _knobs(document, kernel), tiles, members)
    return document, cursor_at(document.file.text, offset), place, known


def _knobs(document: Document, kernel: str) -> Any:
    found = document.tunable.get(kernel)
    return None if found is None else found["knobs"]


# -- into the protocol ----------------------------------------------------------------------------------------------


def _item(ls: HelionServer, document: Document, cursor: Cursor, item: Item, sort: str, kernel: str) -> lsp.CompletionItem:
    start, filter_text = cursor.start, item.filter or item.label
    if item.replaces_owner and cursor.owner:
        start -= len(cursor.owner) + 1
        filter_text = f"{cursor.owner}.{filter_text}"
    insert, snippets = item.insert or item.label, item.is_snippet
    if snippets and not _wishes(ls).snippet_support:
        insert, snippets = _STOP.sub(lambda m: re.sub(r"\\(.)", r"\1", m[1] or ""), insert), False
    where = ls.columns.range_of(document.file, start, cursor.start + len(cursor.word))
    wishes = _wishes(ls)
    details = lsp.CompletionItemLabelDetails(detail=item.detail or None, description=item.description or None)
    indents = wishes.insert_text_mode_support
    adjusts = snippets and indents is not None and lsp.InsertTextMode.AdjustIndentation in indents.value_set
    return lsp.CompletionItem(
        label=item.label,
        label_details=details if wishes.label_details_support else None,
        kind=_KINDS[item.kind],
        detail=" · ".join(part for part in (item.description, item.detail.strip(" :=")) if part) or None,
        sort_text=sort,
        filter_text=filter_text,
        preselect=(item.preselect and wishes.preselect_support) or None,
        insert_text_format=lsp.InsertTextFormat.Snippet if snippets else lsp.InsertTextFormat.PlainText,
        insert_text_mode=lsp.InsertTextMode.AdjustIndentation if adjusts else None,
        text_edit=lsp.TextEdit(range=where, new_text=insert),
        data={"uri": document.uri, "kernel": kernel, "key": item.key},
    )


def _wishes(ls: HelionServer) -> lsp.ClientCompletionItemOptions:
    """What the client can do with an item."""
    documents = ls.client_capabilities.text_document
    completion = None if documents is None else documents.completion
    item = None if completion is None else completion.completion_item
    return item or lsp.ClientCompletionItemOptions()


def _signature(ls: HelionServer, signature: Signature) -> lsp.SignatureInformation:
    parameters = [
        lsp.ParameterInformation(label=_label(ls, signature.label, p.start, p.end), documentation=_markdown(p.documentation))
        for p in signature.parameters
    ]
    return lsp.SignatureInformation(
        label=signature.label, documentation=_markdown(signature.documentation), parameters=parameters, active_parameter=_active(signature)
    )


def _active(signature: Signature) -> int:
    """Past the last one for none, as clients without 3.18's null understand it."""
    return len(signature.parameters) if signature.active is None else signature.active


def _label(ls: HelionServer, label: str, start: int, end: int) -> str | tuple[int, int]:
    documents = ls.client_capabilities.text_document
    help_ = None if documents is None else documents.signature_help
    information = None if help_ is None else help_.signature_information
    parameter = None if information is None else information.parameter_information
    return (start, end) if parameter is not None and parameter.label_offset_support else label[start:end]


def _markdown(text: str) -> lsp.MarkupContent | None:
    return lsp.MarkupContent(kind=lsp.MarkupKind.Markdown, value=text) if text else None
