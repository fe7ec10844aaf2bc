"""Findings in, text out in the form that a reader wants: a terminal, a script, GitHub's annotations, or a SARIF viewer."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

Finding = Mapping[str, Any]
SEVERITIES = ("error", "warning", "information", "hint")
_GITHUB_LEVELS = {"error": "error", "warning": "warning", "information": "notice", "hint": "notice"}


def to_json(findings: Sequence[Finding]) -> str:
    """A list of objects, as documented in docs/cli.md."""
    return json.dumps([{key: value for key, value in f.items() if key not in ("text", "coloured")} for f in findings], indent=2)


def to_github(findings: Sequence[Finding]) -> str:
    """One workflow command a finding: GitHub shows it at its line of a pull request."""
    return "\n".join(map(_github_line, findings))


def _github_line(finding: Finding) -> str:
    start, end = finding["range"]["start"], finding["range"]["end"]
    place = f"file={_property(finding['file'])},line={start['line']},col={start['column']},endLine={end['line']},endColumn={end['column']}"
    return f"::{_GITHUB_LEVELS[finding['severity']]} {place},title={_property(finding['code'])}::{_escaped(words_of(finding))}"


def words_of(finding: Finding) -> str:
    """The message with its notes."""
    return "\n".join([finding["message"], *(f"note: {note['message']}" for note in finding["notes"])])


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")


def to_sarif(findings: Sequence[Finding]) -> str:
    """SARIF 2.1.0. Imported when it is asked for: it looks into the catalog, which other forms need not."""
    return importlib.import_module("helion.cli.sarif").to_sarif(findings)


FORMATS: Mapping[str, Callable[[Sequence[Finding]], str]] = MappingProxyType({"json": to_json, "github": to_github, "sarif": to_sarif})
