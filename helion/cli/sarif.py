"""Findings in, SARIF 2.1.0 out: each code as a rule with its manual page, since a viewer has no other copy of it."""

from __future__ import annotations

import importlib.metadata
import inspect
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from helion.cli.check_formats import Finding, words_of
from helion.diagnostics import catalog

_LEVELS = {"error": "error", "warning": "warning", "information": "note", "hint": "note"}


def to_sarif(findings: Sequence[Finding]) -> str:
    """One run."""
    codes = sorted({finding["code"] for finding in findings})
    driver = {
        "name": "helion",
        "version": importlib.metadata.version("helion-toolkit"),
        "rules": [_rule(code) for code in codes],
    }
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": [_result(f, codes) for f in findings]}
    return json.dumps({"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}, indent=2)


def _rule(code: str) -> dict[str, Any]:
    found = catalog.find(code)
    if found is None:
        return {"id": code}
    page = inspect.getdoc(found) or ""
    text, _, examples = page.partition("\n\nBad:\n")
    whole = " ".join(text.split())
    return {
        "id": code,
        "shortDescription": {"text": f"{whole.partition('. ')[0].rstrip('.')}."},
        "fullDescription": {"text": whole},
        "help": {"text": page, "markdown": f"{text}\n\n```text\nBad:\n{examples}\n```\n"},
        "defaultConfiguration": {"level": _LEVELS[found.severity.value]},
    }


def _result(finding: Finding, codes: Sequence[str]) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding["code"],
        "ruleIndex": codes.index(finding["code"]),
        "level": _LEVELS[finding["severity"]],
        "message": {"text": words_of(finding)},
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
    """A file below the working directory by its relative address, which viewers look for in the repository; others by their own."""
    path = Path(finding["file"]).resolve()
    below = path.is_relative_to(Path.cwd())
    return {"uri": quote(path.relative_to(Path.cwd()).as_posix()) if below else path.as_uri()}


def _replacement(edit: Mapping[str, Any]) -> dict[str, Any]:
    return {"deletedRegion": _region(edit["range"]), "insertedContent": {"text": edit["new_text"]}}


def _region(place: Mapping[str, Any]) -> dict[str, int]:
    start, end = place["start"], place["end"]
    return {"startLine": start["line"], "startColumn": start["column"], "endLine": end["line"], "endColumn": end["column"]}
