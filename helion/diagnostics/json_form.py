"""Diagnostics in, JSON-ready objects out: the form of `helion check --json`, which scripts rely on."""

from __future__ import annotations

from typing import Any

from helion.diagnostics.diagnostic import Diagnostic
from helion.source import SourceFile, Span


def diagnostic_to_json(file: SourceFile, kernel: str | None, diagnostic: Diagnostic) -> dict[str, Any]:
    """`file, kernel, code, severity, message, range, fixes, notes`; lines and columns count from 1, columns in characters."""
    return {
        "file": file.path,
        "kernel": kernel,
        "code": diagnostic.code,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message(),
        "range": _range(file, diagnostic.span),
        "fixes": [
            {"title": fix.title, "edits": [{"range": _range(file, e.span), "new_text": e.new_text} for e in fix.edits]}
            for fix in diagnostic.fixes()
        ],
        "notes": [{"message": n.message, "range": None if n.span is None else _range(n.file or file, n.span)} for n in diagnostic.notes()],
    }


def _range(file: SourceFile, span: Span) -> dict[str, Any]:
    start, end = file.position(span.start), file.position(span.end)
    return {
        "start": {"line": start.line + 1, "column": start.column + 1},
        "end": {"line": end.line + 1, "column": end.column + 1},
    }
