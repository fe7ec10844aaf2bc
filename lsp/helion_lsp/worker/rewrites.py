"""A kernel of a text in, the codemods that would change it out, each with its words and options; and a text with every safe fix made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from helion import compiler
from helion.source import SourceFile
from helion_codemods.catalog import CODEMODS
from helion_codemods.outcome import Refused, Rewritten, minimal_edit


def rewrites(path: str, text: str, kernel: str) -> list[dict[str, Any]]:
    """`{title, name, options}` of each that applies to the kernel and leaves a text that parses."""
    module = compiler.parse(SourceFile(path, text))
    found = next((k for k in module.every_kernel if k.qualname == kernel), None)
    if found is None or module.diagnostics:
        return []
    return [
        {"title": title, "name": name, "options": options}
        for title, name, options in _candidates(kernel, has_several="configs" in found.keywords)
        if _changes(CODEMODS[name].run(text, **options), text)
    ]


def fix_all(path: str, text: str) -> dict[str, Any]:
    """`{edit, notes}`, or `{refused}`: every fix that is safe and the only one of its diagnostic."""
    outcome = CODEMODS["fix"].run(text, path=path)
    if isinstance(outcome, Refused):
        return {"refused": outcome.reason}
    edit = minimal_edit(text, outcome.text)
    return {"edit": None if edit is None else [edit.start, edit.end, edit.new_text], "notes": list(outcome.notes)}


def _changes(outcome: Rewritten | Refused, text: str) -> bool:
    return isinstance(outcome, Rewritten) and outcome.text != text


def _candidates(kernel: str, *, has_several: bool) -> Iterator[tuple[str, str, dict[str, Any]]]:
    of_kernel = {"kernel": kernel}
    yield f"Key the configs of {kernel} by device", "migrate", {**of_kernel, "to": "keyed"}
    if has_several:
        yield f"Turn the only lock of {kernel} into its config", "migrate", {**of_kernel, "to": "single"}
        yield f"Turn the locks of {kernel} into a list of configs", "migrate", {**of_kernel, "to": "list"}
    yield f"Write the shapes of {kernel} as annotations", "annotate", {**of_kernel, "form": "jaxtyping"}
    yield f"Write the shapes of {kernel} as asserts", "annotate", {**of_kernel, "form": "asserts"}
    yield f"Remove locks of {kernel} that change nothing", "prune", of_kernel
    yield f"Remove all locks of {kernel}", "unlock", of_kernel
