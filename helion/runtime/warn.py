"""A warning and the settings in force in, a line on stderr out, unless the settings ignore its class."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from helion import exc
from helion.diagnostics.diagnostic import Diagnostic, Severity
from helion.diagnostics.render import render_plain
from helion.settings import Settings
from helion.source import SourceFile


def warn(warning: exc.BaseWarning, settings: Settings) -> None:
    if not isinstance(warning, tuple(settings.ignore_warnings)):
        print(warning.report(), file=sys.stderr)


def warn_of_diagnostics(diagnostics: Iterable[Diagnostic], file: SourceFile, settings: Settings) -> None:
    """The warnings among a check's diagnostics, with their places."""
    shown = [d for d in diagnostics if d.severity is Severity.WARNING and not _is_ignored(d, settings)]
    if shown:
        print(render_plain(file, shown), file=sys.stderr)


def _is_ignored(diagnostic: Diagnostic, settings: Settings) -> bool:
    cls = getattr(exc, diagnostic.exception, None)
    return isinstance(cls, type) and issubclass(cls, tuple(settings.ignore_warnings))
