"""An open connection and a document in, how long completions, signatures, places, outlines and tokens take out."""

from __future__ import annotations

import time
from typing import Any

from benchmarks.lsp.connection import Connection
from benchmarks.lsp.places import Place, place_of

ROUNDS = 60


async def request_times(connection: Connection, uri: str, text: str) -> dict[str, list[float]]:
    """Seconds of each request, many times over; every answer must say something. The text is that of examples/matmul.py, or begins so."""
    document = {"textDocument": {"uri": uri}}
    at_tile = {**document, "position": place_of(text, "x[tile_m, tile_k]", 3)}
    at_member = {**document, "position": place_of(text, "hl.zeros", 3)}
    asked: dict[str, tuple[str, dict[str, Any]]] = {
        "completion": ("textDocument/completion", at_member),
        "signature_help": ("textDocument/signatureHelp", {**document, "position": place_of(text, "hl.zeros(", 9)}),
        "definition": ("textDocument/definition", at_tile),
        "type_definition": ("textDocument/typeDefinition", {**document, "position": place_of(text, "acc = hl.zeros", 1)}),
        "references": ("textDocument/references", {**at_tile, "context": {"includeDeclaration": True}}),
        "document_highlight": ("textDocument/documentHighlight", at_tile),
        "document_symbol": ("textDocument/documentSymbol", document),
        "folding_range": ("textDocument/foldingRange", document),
        "selection_range": ("textDocument/selectionRange", {**document, "positions": [at_tile["position"]]}),
        "semantic_tokens": ("textDocument/semanticTokens/full", document),
        "semantic_tokens_range": ("textDocument/semanticTokens/range", {**document, "range": _lines(text)}),
    }
    found: dict[str, list[float]] = {}
    for name, (method, params) in asked.items():
        times: list[float] = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            answer = await connection.request(method, params)
            times.append(time.perf_counter() - began)
            assert answer, f"{method} answered {answer!r}"
        found[name] = times[1:]
    return found


def _lines(text: str) -> dict[str, Any]:
    """About a screen."""
    first = place_of(text, "def matmul")["line"]
    return {"start": {"line": first, "character": 0}, "end": {"line": first + 40, "character": 0}}


async def completion_while_typing(connection: Connection, uri: str, text: str, version: int) -> list[float]:
    """Seconds from a key to its completions: the text is broken, and its analysis under way."""
    place = place_of(text, "        acc = hl.zeros")
    start: Place = {"line": place["line"], "character": 0}
    opened = "        value = hl."
    identity = {"uri": uri, "version": version + 1}
    connection.notify("textDocument/didChange", {"textDocument": identity, "contentChanges": [_change(start, start, f"{opened}\n")]})
    times: list[float] = []
    for count in range(ROUNDS):
        column = len(opened) + count % 4
        at: Place = {"line": start["line"], "character": column}
        back: Place = {"line": start["line"], "character": len(opened)}
        change = _change(at, at, "zero"[count % 4])
        began = time.perf_counter()
        identity = {"uri": uri, "version": version + 2 + 2 * count}
        connection.notify("textDocument/didChange", {"textDocument": identity, "contentChanges": [change]})
        after: Place = {"line": start["line"], "character": column + 1}
        answer = await connection.request("textDocument/completion", {"textDocument": {"uri": uri}, "position": after})
        times.append(time.perf_counter() - began)
        assert answer is not None
        if count % 4 == 3:
            identity = {"uri": uri, "version": version + 3 + 2 * count}
            connection.notify("textDocument/didChange", {"textDocument": identity, "contentChanges": [_change(back, after, "")]})
    return times


def _change(start: Place, end: Place, text: str) -> dict[str, Any]:
    return {"range": {"start": start, "end": end}, "text": text}
