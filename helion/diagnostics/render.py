"""Diagnostics in, terminal text with carets out; knows neither where they go nor how they were found."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from helion.diagnostics.diagnostic import Diagnostic, Severity
from helion.source import SourceFile, Span

_COLOURS = {Severity.ERROR: "31", Severity.WARNING: "33", Severity.INFORMATION: "34", Severity.HINT: "36"}


def render_plain(file: SourceFile, diagnostics: Sequence[Diagnostic]) -> str:
    """All diagnostics of one file without colour."""
    return render(file, diagnostics, colour=False)


def render(file: SourceFile, diagnostics: Sequence[Diagnostic], *, colour: bool) -> str:
    """All diagnostics of one file, a blank line between."""
    return "\n\n".join(_one(file, diagnostic, colour=colour) for diagnostic in diagnostics)


def _one(file: SourceFile, diagnostic: Diagnostic, *, colour: bool) -> str:
    def paint(text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if colour else text

    tint = f"1;{_COLOURS[diagnostic.severity]}"
    head = paint(f"{diagnostic.severity.value}[{diagnostic.code}]", tint)
    lines = [f"{head}: {paint(diagnostic.message(), '1')}", *_excerpt(file, diagnostic.span, "^", lambda t: paint(t, tint))]
    for note in diagnostic.notes():
        lines.append(f"  = {paint('note', '1')}: {note.message}")
        if note.span is not None:
            lines.extend(_excerpt(note.file or file, note.span, "-", lambda t: paint(t, "34")))
    lines.extend(f"  = {paint('help', '1;32')}: {fix.title}" for fix in diagnostic.fixes())
    return "\n".join(lines)


def _excerpt(file: SourceFile, span: Span, mark: str, paint: Callable[[str], str]) -> list[str]:
    """`--> file:line:column`, the line, and marks under the span (to the end of its first line when it is longer)."""
    start = file.position(span.start)
    end = file.position(span.end)
    text = file.line_text(start.line)
    stop = end.column if end.line == start.line else len(text)
    number = str(start.line + 1)
    gutter = " " * len(number)
    lead = "".join("\t" if char == "\t" else " " for char in text[: start.column])
    marks = mark * max(1, stop - start.column)
    return [
        f"{gutter}--> {file.path}:{number}:{start.column + 1}",
        f"{gutter} |",
        f"{number} | {text}",
        f"{gutter} | {lead}{paint(marks)}",
    ]
