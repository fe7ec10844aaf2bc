"""Applies the safe fixes of all of a file's diagnostics, again and again until there are none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from helion.compiler import check_file
from helion.diagnostics.diagnostic import Diagnostic, Fix, TextEdit
from helion.source import SourceFile
from helion_codemods.examples.fix import EXAMPLES as EXAMPLES
from helion_codemods.outcome import Refused, Rewritten

DESCRIPTION = "Apply every fix that is safe and the only one of its diagnostic."

_ROUNDS = 20


def fix(text: str, *, path: str = "") -> Rewritten | Refused:
    """`text` with the fixes applied; `path` is where it stands. A fix that clashes with another waits for the next round."""
    notes: list[str] = []
    seen = {text}
    for _ in range(_ROUNDS):
        file = SourceFile(path, text)
        chosen = list(_apart(found for _, found in check_file(file)))
        if not chosen:
            return Rewritten(text, tuple(notes))
        text = _with_edits(text, [edit for _, fix in chosen for edit in fix.edits])
        if text in seen:
            return Refused(f"the fixes undo one another: {chosen[0][1].title}")
        seen.add(text)
        notes += [f"line {file.position(found.span.start).line + 1}: {found.code}: {fix.title}" for found, fix in chosen]
    return Refused(f"there are still fixes after {_ROUNDS} rounds")


def _apart(diagnostics: Iterable[Diagnostic]) -> Iterator[tuple[Diagnostic, Fix]]:
    """Fixes whose edits do not touch those of fixes before them; one edit that two diagnostics ask for is made once."""
    taken: list[TextEdit] = []
    for found in diagnostics:
        fixes = found.fixes()
        if len(fixes) != 1 or not fixes[0].safe:
            continue
        edits = fixes[0].edits
        if not any(edit.span.touches(other.span.start) or other.span.touches(edit.span.start) for edit in edits for other in taken):
            taken += edits
            yield found, fixes[0]


def _with_edits(text: str, edits: Iterable[TextEdit]) -> str:
    for edit in sorted(edits, key=lambda e: e.span.start, reverse=True):
        text = text[: edit.span.start] + edit.new_text + text[edit.span.end :]
    return text
