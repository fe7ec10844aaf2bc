"""Requests about a whole document in, its outline, folds, selections, semantic tokens and the kernel at a place out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lsprotocol import types as lsp

from helion.source import SourceFile
from helion_lsp.features.kernel_at import kernel_at
from helion_lsp.features.semantic_tokens import MODIFIERS, TYPES, Token, difference, tokens
from helion_lsp.features.structure import Symbol, folds, selections, symbols
from helion_lsp.front.server import HelionServer
from helion_lsp.front.workspace import Document

LEGEND = lsp.SemanticTokensLegend(token_types=list(TYPES), token_modifiers=list(MODIFIERS))
_PATIENCE = 0.5
_KINDS = {
    "kernel": lsp.SymbolKind.Function,
    "loop": lsp.SymbolKind.Namespace,
    "config": lsp.SymbolKind.Object,
}


# -- syntax ---------------------------------------------------------------------------------------------------------


async def on_document_symbol(
    ls: HelionServer, params: lsp.DocumentSymbolParams
) -> list[lsp.DocumentSymbol] | list[lsp.SymbolInformation] | None:
    document = _document(ls, params.text_document.uri)
    if document is None:
        return None
    documents = ls.client_capabilities.text_document
    support = None if documents is None else documents.document_symbol
    found = symbols(document.module)
    if support is not None and support.hierarchical_document_symbol_support:
        return [_symbol(ls, document.file, symbol) for symbol in found]
    return [
        lsp.SymbolInformation(
            name=symbol.name,
            kind=_KINDS[symbol.kind],
            location=lsp.Location(uri=document.uri, range=ls.columns.range_of(document.file, symbol.whole.start, symbol.whole.end)),
            container_name=container,
        )
        for symbol, container in _flat(found, None)
    ]


def _flat(found: Sequence[Symbol], container: str | None) -> list[tuple[Symbol, str | None]]:
    return [row for s in found for row in ((s, container), *_flat(s.children, s.name))]


def _symbol(ls: HelionServer, file: SourceFile, symbol: Symbol) -> lsp.DocumentSymbol:
    return lsp.DocumentSymbol(
        name=symbol.name,
        detail=symbol.detail or None,
        kind=_KINDS[symbol.kind],
        range=ls.columns.range_of(file, symbol.whole.start, symbol.whole.end),
        selection_range=ls.columns.range_of(file, symbol.name_span.start, symbol.name_span.end),
        children=[_symbol(ls, file, child) for child in symbol.children] or None,
    )


async def on_folding_range(ls: HelionServer, params: lsp.FoldingRangeParams) -> list[lsp.FoldingRange] | None:
    document = _document(ls, params.text_document.uri)
    if document is None:
        return None
    return [
        lsp.FoldingRange(start_line=f.first, end_line=f.last, kind=lsp.FoldingRangeKind.Region if f.kind == "loop" else None)
        for f in folds(document.module)
    ]


async def on_selection_range(ls: HelionServer, params: lsp.SelectionRangeParams) -> list[lsp.SelectionRange] | None:
    """One chain a position; the empty range at the cursor where there is no kernel, as the protocol asks for one each."""
    document = _document(ls, params.text_document.uri)
    if document is None:
        return None
    found: list[lsp.SelectionRange] = []
    for position in params.positions:
        chain: lsp.SelectionRange | None = None
        for span in reversed(selections(document.module, ls.columns.offset_of(document.file, position))):
            chain = lsp.SelectionRange(range=ls.columns.range_of(document.file, span.start, span.end), parent=chain)
        found.append(chain or lsp.SelectionRange(range=lsp.Range(start=position, end=position)))
    return found


def on_kernel_at(ls: HelionServer, params: Any) -> dict[str, str] | None:
    """`helion/kernelAt` {uri, position}: {kernel}, the one that a command at that place is about; null where there is none."""
    document = ls.documents.documents.get(params.uri)
    found = None if document is None else kernel_at(document.module, ls.columns.offset_of(document.file, params.position))
    return None if found is None else {"kernel": found}


def _document(ls: HelionServer, uri: str) -> Document | None:
    document = ls.documents.documents.get(uri)
    return document if document is not None and document.module.every_kernel else None


# -- semantic tokens ------------------------------------------------------------------------------------------------


async def on_semantic_tokens(ls: HelionServer, params: lsp.SemanticTokensParams) -> lsp.SemanticTokens:
    data = await _data(ls, params.text_document.uri)
    return lsp.SemanticTokens(data=data, result_id=_remember(ls, params.text_document.uri, data))


async def on_semantic_tokens_range(ls: HelionServer, params: lsp.SemanticTokensRangeParams) -> lsp.SemanticTokens:
    return lsp.SemanticTokens(data=await _data(ls, params.text_document.uri, params.range))


async def on_semantic_tokens_delta(ls: HelionServer, params: lsp.SemanticTokensDeltaParams) -> lsp.SemanticTokensDelta | lsp.SemanticTokens:
    """What changed since an answer that is remembered; everything where it is not."""
    document = ls.documents.documents.get(params.text_document.uri)
    before = None if document is None else document.tokens
    data = await _data(ls, params.text_document.uri)
    identity = _remember(ls, params.text_document.uri, data)
    if before is None or before[0] != params.previous_result_id:
        return lsp.SemanticTokens(data=data, result_id=identity)
    splice = difference(before[1], data)
    edits = [] if splice is None else [lsp.SemanticTokensEdit(start=splice.start, delete_count=splice.deleted, data=list(splice.inserted))]
    return lsp.SemanticTokensDelta(edits=edits, result_id=identity)


def _remember(ls: HelionServer, uri: str, data: list[int]) -> str | None:
    """The name of an answer; a document's newest is kept."""
    document = ls.documents.documents.get(uri)
    if document is None:
        return None
    number = 1 if document.tokens is None else int(document.tokens[0]) + 1
    document.tokens = (str(number), data)
    return str(number)


async def _data(ls: HelionServer, uri: str, within: lsp.Range | None = None) -> list[int]:
    document = ls.documents.documents.get(uri)
    view = None if document is None else await ls.documents.current(document, _PATIENCE)
    if document is None or view is None:
        return []
    if within is None:
        return _encoded(ls, document.file, tokens(view))
    start, end = (ls.columns.offset_of(document.file, p) for p in (within.start, within.end))
    return _encoded(ls, document.file, tokens(view, start, end))


def _encoded(ls: HelionServer, file: SourceFile, found: list[Token]) -> list[int]:
    """Five numbers a token, places relative to the token before."""
    data: list[int] = []
    line, column = 0, 0
    place_of = ls.columns.place_of
    for token in found:
        (first, start), (last, end) = place_of(file, token.start), place_of(file, token.end)
        if first != last:
            continue
        data += (first - line, start - (column if first == line else 0), end - start, token.type, token.modifiers)
        line, column = first, start
    return data
