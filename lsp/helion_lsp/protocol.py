"""Our values to the protocol's and back: the only module that knows UTF-16 columns, 0-based lines and URIs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

from lsprotocol import types as lsp

from helion.source import SourceFile

_SEVERITIES = {
    "error": lsp.DiagnosticSeverity.Error,
    "warning": lsp.DiagnosticSeverity.Warning,
    "information": lsp.DiagnosticSeverity.Information,
    "hint": lsp.DiagnosticSeverity.Hint,
}
SOURCE = "helion"


def path_of(uri: str) -> str:
    """The file path of a URI; the URI itself when it is no file's."""
    parsed = urlparse(uri)
    return unquote(parsed.path) if parsed.scheme == "file" else uri


def uri_of(path: Path) -> str:
    return path.resolve().as_uri()


def position_of(file: SourceFile, offset: int) -> lsp.Position:
    line, column = file.utf16_column(offset)
    return lsp.Position(line=line, character=column)


def range_of(file: SourceFile, start: int, end: int) -> lsp.Range:
    return lsp.Range(start=position_of(file, start), end=position_of(file, end))


def offset_of(file: SourceFile, position: lsp.Position) -> int:
    return file.offset_of_utf16_column(position.line, position.character)


def diagnostic_of(file: SourceFile, uri: str, data: Mapping[str, Any]) -> lsp.Diagnostic:
    """One diagnostic with its related places."""
    related = [
        lsp.DiagnosticRelatedInformation(location=lsp.Location(uri=uri, range=range_of(file, *note["span"])), message=note["message"])
        for note in data["notes"]
        if note["span"] is not None
    ]
    plain = [note["message"] for note in data["notes"] if note["span"] is None]
    return lsp.Diagnostic(
        range=range_of(file, *data["span"]),
        message="\n".join([data["message"], *plain]),
        severity=_SEVERITIES[data["severity"]],
        code=data["code"],
        source=SOURCE,
        related_information=related or None,
    )


def text_edits_of(file: SourceFile, edits: list[Any]) -> list[lsp.TextEdit]:
    return [lsp.TextEdit(range=range_of(file, start, end), new_text=new) for start, end, new in edits]


def versioned_edit(uri: str, version: int | None, edits: list[lsp.TextEdit]) -> lsp.WorkspaceEdit:
    """An edit that the client refuses when the document has moved on."""
    document = lsp.OptionalVersionedTextDocumentIdentifier(uri=uri, version=version)
    return lsp.WorkspaceEdit(document_changes=[lsp.TextDocumentEdit(text_document=document, edits=list(edits))])
