"""The requests that the worker answers, each to the function that does it; imports torch and the compiler."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import torch

from helion import compiler
from helion.source import SourceFile
from helion.syntax.namesakes import kernel_of_editor, place_name
from helion.target import DEFAULT_TARGET, find_target
from helion_codemods.catalog import CODEMODS
from helion_codemods.outcome import Refused, minimal_edit
from helion_lsp.worker.analysis import Analyzer
from helion_lsp.worker.calls_elsewhere import CallsElsewhere
from helion_lsp.worker.compiled import Compiled
from helion_lsp.worker.details import Details
from helion_lsp.worker.language_facts import language_facts
from helion_lsp.worker.lock_changes import accepted, asks_evidence, remap_all
from helion_lsp.worker.lock_edit import lock
from helion_lsp.worker.lock_evidence import released_by, settle, text_evidence
from helion_lsp.worker.lock_overview import LockOverview
from helion_lsp.worker.prepared import Prepared, prepare
from helion_lsp.worker.preview import preview
from helion_lsp.worker.repro import repro
from helion_lsp.worker.rewrites import fix_all, rewrites
from helion_lsp.worker.sample_signatures import sample_signatures
from helion_lsp.worker.slice import Slice
from helion_lsp.worker.surroundings import ALONE, Surroundings
from helion_lsp.worker.trial_locks import locked_form, trial_to_lock
from helion_lsp.worker.tried_fixes import TriedFixes
from helion_lsp.worker.workspace_uses import WorkspaceUses


class Requests:
    """Plain data in and out."""

    def __init__(self) -> None:
        self._analyzer = Analyzer()
        self._details = Details()
        self._compiled = Compiled()
        self._tried = TriedFixes()
        self._elsewhere = WorkspaceUses()
        self._calls = CallsElsewhere(self._elsewhere)
        self._overview = LockOverview()
        self.has_gpu = torch.cuda.is_available()

    def answer(self, request: dict[str, Any], checking: Callable[[str], None]) -> Any:
        path, text, params = request["path"], request["text"], request["params"]
        around = Surroundings(params.get("texts") or {}, self._calls.known)
        match request["method"]:
            case "analyse":
                quarantined, session = frozenset(params.get("quarantined", ())), params.get("session_locks", ())
                return self._analyzer.analyse(path, text, quarantined, checking, session, around, Slice.of(params))
            case "details":
                return self._details.details(path, text, params, checking, around, Slice.of(params))
            case "compiled":
                return self._compiled.decisions(path, text, params, checking, around)
            case "tried":
                return self._tried.tried(path, text, params, checking, around)
            case "language":
                return language_facts()
            case "signatures":
                found = signatures(path, text, params["kernel"], around)
                return [*found, *self._signatures_elsewhere(path, text, params, around, {s["notation"] for s in found})]
            case "uses":
                return self._uses_elsewhere(path, text, params, around)
            case "calls":
                return self._calls.search(path, text, params.get("folders", ()), around.texts)
            case "lockOverview":
                return self._overview.overview(params, checking)
            case "repro":
                return repro(path, text, params)
            case "preview":
                return preview(path, text, params, around)
            case "lock":
                return lock(path, text, params)
            case "codemod" if asks_evidence(params):
                return remap_all(path, text, params)
            case "codemod":
                return codemod(path, text, params["name"], params["options"])
            case "rewrites":
                return rewrites(path, text, params["kernel"], around)
            case "fixes":
                return fix_all(path, text)
            case "accepted":
                return accepted(path, text, params)
            case "lockedForm":
                return locked_form(path, text, params)
            case "trialToLock":
                return trial_to_lock(path, text, params)
            case "shortest":
                return shortest(path, text, params)
            case "settle":
                return settle(Path(path), params["session_locks"])
            case method:
                return {"error": f"unknown method {method}"}

    def _uses_elsewhere(self, path: str, text: str, params: dict[str, Any], around: Surroundings) -> dict[str, Any]:
        """Where other files of the given folders name a kernel."""
        module = compiler.parse(SourceFile(path, text))
        found = kernel_of_editor(module, params["kernel"])
        return {"uses": [], "signatures": []} if found is None else self._elsewhere.uses(found, params.get("folders", ()), around=around)

    def _signatures_elsewhere(
        self, path: str, text: str, params: dict[str, Any], around: Surroundings, known: Collection[str | None]
    ) -> list[dict[str, str | None]]:
        found = self._uses_elsewhere(path, text, params, around)["signatures"]
        return [{"origin": "call", "notation": s["notation"], "label": s["label"]} for s in found if s["notation"] not in known]


def codemod(path: str, text: str, name: str, options: dict[str, Any]) -> dict[str, Any]:
    """`{refused}`, or `{edit, notes, released}`: no edit when there is nothing to change; the evidence of the locks that go. The option
    `kernel` is an editor's name of it."""
    if name not in CODEMODS:
        return {"refused": f"`{name}` is not a codemod: one of {', '.join(CODEMODS)}"}
    try:
        inspect.signature(CODEMODS[name].run).bind(text, **options)
    except TypeError as problem:
        return {"refused": f"{name}: {problem}"}
    kernel = kernel_of_editor(compiler.parse(SourceFile(path, text)), str(options.get("kernel")))
    outcome = CODEMODS[name].run(text, **(options if kernel is None else {**options, "kernel": place_name(kernel)}))
    if isinstance(outcome, Refused):
        return {"refused": outcome.reason}
    edit = minimal_edit(text, outcome.text)
    released = released_by(SourceFile(path, text), SourceFile(path, outcome.text))
    return {"edit": None if edit is None else [edit.start, edit.end, edit.new_text], "notes": list(outcome.notes), "released": released}


def signatures(path: str, text: str, kernel: str, around: Surroundings = ALONE) -> list[dict[str, str | None]]:
    """What a kernel can be looked at with."""
    module = compiler.parse(SourceFile(path, text))
    found = kernel_of_editor(module, kernel)
    return [] if found is None else sample_signatures(found, around)


def shortest(path: str, text: str, params: dict[str, Any]) -> dict[str, Any]:
    """`{config, evidence}`: a config without what it need not say, and what its evidence says of kernel, space and versions."""
    module = compiler.parse(SourceFile(path, text))
    kernel = kernel_of_editor(module, params["kernel"])
    target = find_target(params["target"]) or DEFAULT_TARGET
    found = None if kernel is None else prepare(kernel, target, params.get("args"))
    if kernel is None or not isinstance(found, Prepared) or found.space.check(params["config"]):
        return {"config": params["config"], "evidence": {}}
    return {"config": dict(found.space.minimize(params["config"])), "evidence": text_evidence(kernel, found.space)}
