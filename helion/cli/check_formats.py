"""Findings in, text out in the form that a reader wants: a terminal, a script, GitHub's annotations, or a SARIF viewer."""

from __future__ import annotations

import importlib.metadata
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

Finding = Mapping[str, Any]
SEVERITIES = ("error", "warning", "information", "hint")
_SARIF_LEVELS = {"error": "error", "warning": "warning", "information": "note", "hint": "note"}
_GITHUB_LEVELS = {"error": "error", "warning": "warning", "information": "notice", "hint": "notice"}
_PAGES = "docs/diagnostics"


def to_json(findings: Sequence[Finding]) -> str:
    """A list of objects, as documented in docs/cli.md."""
    return json.dumps([{key: value for key, value in f.items() if key not in ("text", "coloured")} for f in findings], indent=2)


def to_github(findings: Sequence[Finding]) -> str:
    """One workflow command a finding: GitHub shows it at its line of a pull request."""
    return "\n".join(map(_github_line, findings))


def _github_line(finding: Finding) -> str:
    start, end = finding["range"]["start"], finding["range"]["end"]
    place = f"file={_property(finding['file'])},line={start['line']},col={start['column']},endLine={end['line']},endColumn={end['column']}"
    return f"::{_GITHUB_LEVELS[finding['severity']]} {place},title={_property(finding['code'])}::{_escaped(_words(finding))}"


def _words(finding: Finding) -> str:
    return "\n".join([finding["message"], *(f"note: {note['message']}" for note in finding["notes"])])


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")


def to_sarif(findings: Sequence[Finding]) -> str:
    """SARIF 2.1.0, one run."""
    codes = sorted({finding["code"] for finding in findings})
    driver = {
        "name": "helion",
        "version": importlib.metadata.version("helion-toolkit"),
        "rules": [{"id": code, "helpUri": f"{_PAGES}/{code}.md"} for code in codes],
    }
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": [_sarif_result(f, codes) for f in findings]}
    return json.dumps({"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}, indent=2)


def _sarif_result(finding: Finding, codes: Sequence[str]) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding["code"],
        "ruleIndex": codes.index(finding["code"]),
        "level": _SARIF_LEVELS[finding["severity"]],
        "message": {"text": _words(finding)},
        "locations": [{"physicalLocation": {"artifactLocation": _artifact(finding), "region": _region(finding["range"])}}],
    }
    fixes = [
        {
            "description": {"text": fix["title"]},
            "artifactChanges": [{"artifactLocation": _artifact(finding), "replacements": [_replacement(edit) for edit in fix["edits"]]}],
        }
        for fix in finding["fixes"]
    ]
    return {**result, "fixes": fixes} if fixes else result


def _artifact(finding: Finding) -> dict[str, str]:
    return {"uri": Path(finding["file"]).as_posix()}


def _replacement(edit: Mapping[str, Any]) -> dict[str, Any]:
    return {"deletedRegion": _region(edit["range"]), "insertedContent": {"text": edit["new_text"]}}


def _region(place: Mapping[str, Any]) -> dict[str, int]:
    start, end = place["start"], place["end"]
    return {"startLine": start["line"], "startColumn": start["column"], "endLine": end["line"], "endColumn": end["column"]}


FORMATS: Mapping[str, Callable[[Sequence[Finding]], str]] = MappingProxyType({"json": to_json, "github": to_github, "sarif": to_sarif})
