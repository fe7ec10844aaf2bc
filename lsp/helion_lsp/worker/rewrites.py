"""A kernel of a text in, what would change it out: codemods, each with its words and options, and edits; and a text with every safe fix."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from helion import compiler
from helion.source import SourceFile
from helion.syntax.namesakes import kernel_of_editor, place_name
from helion.syntax.tree import KernelSyntax
from helion_codemods.catalog import CODEMODS
from helion_codemods.outcome import Refused, Rewritten, minimal_edit
from helion_lsp.worker.bucket import bucket_edits
from helion_lsp.worker.custom_op import custom_op_edits
from helion_lsp.worker.surroundings import ALONE, Surroundings


def rewrites(path: str, text: str, kernel: str, around: Surroundings = ALONE) -> list[dict[str, Any]]:
    """`{title, name, options}` of each codemod that applies to the kernel and leaves a text that parses, `{title, edit}` of each edit."""
    module = compiler.parse(SourceFile(path, text))
    found = kernel_of_editor(module, kernel)
    if found is None or module.diagnostics:
        return []
    codemods = [
        {"title": title, "name": name, "options": options}
        for title, name, options in _candidates(kernel, has_several="configs" in found.keywords)
        if _changes(CODEMODS[name].run(text, **{**options, "kernel": place_name(found)}), text)
    ]
    return [*codemods, *_edits(found, around)]


def _edits(kernel: KernelSyntax, around: Surroundings) -> Iterator[dict[str, Any]]:
    typed = compiler.check_as_written(kernel, around.signature(kernel), around.names(kernel.module))
    for edits in (bucket_edits(kernel, typed), custom_op_edits(kernel, typed)):
        for title, edit in edits:
            yield {"title": title, "edit": [edit.span.start, edit.span.end, edit.new_text]}


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
