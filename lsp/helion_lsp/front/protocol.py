"""Our values to the protocol's and back: the only module that knows column encodings, 0-based lines and URIs."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlencode, urlparse

from lsprotocol import types as lsp

from helion.source import Position, SourceFile

if sys.platform == "win32":
    from urllib.request import url2pathname
else:
    url2pathname = unquote  # as there, without the HTTP client that comes along

SOURCE = "helion"
_SEVERITIES = {
    "error": lsp.DiagnosticSeverity.Error,
    "warning": lsp.DiagnosticSeverity.Warning,
    "information": lsp.DiagnosticSeverity.Information,
    "hint": lsp.DiagnosticSeverity.Hint,
}
_SUFFIXES = {"triton": "py", "ptx": "ptx"}


def path_of(uri: str) -> str:
    """The file path of a URI; the URI itself when it is no file's."""
    parsed = urlparse(uri)
    return url2pathname(parsed.path) if parsed.scheme == "file" else uri


def uri_of(path: Path) -> str:
    return path.resolve().as_uri()


def preview_uri(scheme: str, uri: str, kernel: str, kind: str, chosen: Mapping[str, str]) -> str:
    """The address of a virtual document: `helion-preview:/matmul.triton.py?uri=...&kernel=matmul&kind=triton&config=locked`."""
    name = f"{kernel}.{kind}.{_SUFFIXES.get(kind, 'txt')}" if kind != "ptx" else f"{kernel}.ptx"
    query = {"uri": uri, "kernel": kernel, "kind": kind, **chosen}
    return f"{scheme}:/{quote(name)}?{urlencode(query, quote_via=quote, safe='')}"


def preview_of_uri(uri: str) -> dict[str, str] | None:
    """What a virtual document's address asks for. The query may have been encoded once more by the client."""
    query = urlparse(uri).query
    found = parse_qs(query) if "uri=" in query else parse_qs(unquote(query))
    return {key: values[0] for key, values in found.items()} if {"uri", "kernel", "kind"} <= found.keys() else None


@dataclass(frozen=True)
class Columns:
    """Positions in the encoding that was agreed on with the client."""

    encoding: lsp.PositionEncodingKind | str = lsp.PositionEncodingKind.Utf16

    def place_of(self, file: SourceFile, offset: int) -> tuple[int, int]:
        """`(line, column)`, both from 0."""
        if self.encoding == lsp.PositionEncodingKind.Utf16:
            return file.utf16_column(offset)
        if self.encoding == lsp.PositionEncodingKind.Utf8:
            return file.utf8_column(offset)
        where = file.position(offset)
        return where.line, where.column

    def position_of(self, file: SourceFile, offset: int) -> lsp.Position:
        line, column = self.place_of(file, offset)
        return lsp.Position(line=line, character=column)

    def offset_of(self, file: SourceFile, position: lsp.Position) -> int:
        """Past a line's end means its end, past the last line the end of the text."""
        if position.line >= file.line_count():
            return len(file.text)
        if self.encoding == lsp.PositionEncodingKind.Utf16:
            return file.offset_of_utf16_column(position.line, position.character)
        if self.encoding == lsp.PositionEncodingKind.Utf8:
            return file.offset_of_utf8_column(position.line + 1, position.character)
        return file.offset(Position(position.line, position.character))

    def range_of(self, file: SourceFile, start: int, end: int) -> lsp.Range:
        return lsp.Range(start=self.position_of(file, start), end=self.position_of(file, end))

    def applied(self, file: SourceFile, changes: Iterable[Any]) -> SourceFile:
        """The document after changes, in order, each against the text the one before it left."""
        for change in changes:
            if isinstance(change, lsp.TextDocumentContentChangeWholeDocument):
                file = SourceFile(file.path, change.text)
                continue
            start, end = self.offset_of(file, change.range.start), self.offset_of(file, change.range.end)
            file = SourceFile(file.path, file.text[:start] + change.text + file.text[max(start, end) :])
        return file

    def diagnostic_of(self, file: SourceFile, uri: str, data: Mapping[str, Any], page: str | None = None) -> lsp.Diagnostic:
        """One diagnostic with its related places and its manual page; notes without a place are further lines of the message."""
        related = [
            lsp.DiagnosticRelatedInformation(
                location=lsp.Location(uri=uri, range=self.range_of(file, *note["span"])), message=note["message"]
            )
            for note in data["notes"]
            if note["span"] is not None
        ]
        plain = [note["message"] for note in data["notes"] if note["span"] is None]
        return lsp.Diagnostic(
            range=self.range_of(file, *data["span"]),
            message="\n".join([data["message"], *plain]),
            severity=_SEVERITIES[data["severity"]],
            code=data["code"],
            code_description=None if page is None else lsp.CodeDescription(href=page),
            source=SOURCE,
            related_information=related or None,
        )

    def text_edits_of(self, file: SourceFile, edits: Iterable[Sequence[Any]]) -> list[lsp.TextEdit]:
        return [lsp.TextEdit(range=self.range_of(file, start, end), new_text=new) for start, end, new in edits]


def versioned_edit(uri: str, version: int | None, edits: list[lsp.TextEdit]) -> lsp.WorkspaceEdit:
    """An edit that the client refuses when the document has moved on."""
    document = lsp.OptionalVersionedTextDocumentIdentifier(uri=uri, version=version)
    return lsp.WorkspaceEdit(document_changes=[lsp.TextDocumentEdit(text_document=document, edits=list(edits))])
