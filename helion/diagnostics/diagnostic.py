"""The shape of a problem as data: code, severity, span, notes and fixes; rendering and raising happen elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import ClassVar

from helion.source import SourceFile, Span


class Severity(Enum):
    ERROR = "error"
    WARNING = "warning"
    INFORMATION = "information"
    HINT = "hint"


@dataclass(frozen=True)
class TextEdit:
    """Replace the text of `span` with `new_text`; an empty span inserts."""

    span: Span
    new_text: str


@dataclass(frozen=True)
class Fix:
    """One titled change of the file the diagnostic is in; `safe` fixes may be applied without asking."""

    title: str
    edits: tuple[TextEdit, ...]
    safe: bool = True


@dataclass(frozen=True)
class Note:
    """A further fact, optionally at another place; `file` is None for the diagnostic's own file."""

    message: str
    span: Span | None = None
    file: SourceFile | None = None


@dataclass(frozen=True)
class Diagnostic:
    """A problem at a span of one file.

    A subclass per code, in `helion.diagnostics.catalog`: its fields are facts, its docstring is the manual page,
    `message()` is one lower-case sentence without a full stop. `exception` is the public name in `helion.exc`.
    """

    code: ClassVar[str]
    exception: ClassVar[str]
    severity: ClassVar[Severity] = Severity.ERROR

    span: Span

    def message(self) -> str:
        raise NotImplementedError

    def notes(self) -> tuple[Note, ...]:
        return ()

    def fixes(self) -> tuple[Fix, ...]:
        return ()
