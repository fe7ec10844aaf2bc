"""Diagnostics, decisions and spans in, JSON-ready data that counts characters from a kernel's start out."""

from __future__ import annotations

from typing import Any

from helion.codegen.decisions import Decision
from helion.diagnostics.diagnostic import Diagnostic, Fix, Note
from helion.source import Span


def relative(span: Span, start: int) -> list[int]:
    return [span.start - start, span.end - start]


def diagnostic_data(diagnostic: Diagnostic, start: int, notes: tuple[Note, ...] = (), fixes: tuple[Fix, ...] = ()) -> dict[str, Any]:
    """A diagnostic as plain data, with further notes and fixes after its own."""
    return {
        "span": relative(diagnostic.span, start),
        "code": diagnostic.code,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message(),
        "notes": [
            {"message": n.message, "span": None if n.span is None or n.file is not None else relative(n.span, start)}
            for n in (*notes, *diagnostic.notes())
        ],
        "fixes": [fix_data(f, start) for f in (*diagnostic.fixes(), *fixes)],
    }


def fix_data(fix: Fix, start: int) -> dict[str, Any]:
    return {"title": fix.title, "safe": fix.safe, "edits": [[*relative(e.span, start), e.new_text] for e in fix.edits]}


def decision_data(decision: Decision, start: int) -> dict[str, Any]:
    """A decision as the data of a diagnostic: its code has no page, since nothing is wrong."""
    return {
        "span": relative(decision.span, start),
        "code": f"decision-{decision.kind}",
        "severity": "information",
        "message": decision.text,
        "notes": [],
        "fixes": [],
    }
