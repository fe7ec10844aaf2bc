"""One kernel's key in a text in, what its compiled code does at each place out; runs in the worker that compiles, without a GPU."""

from __future__ import annotations

import importlib
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

from helion import compiler
from helion.codegen.decisions import Decision
from helion.offline.artifact import Artifact
from helion.source import SourceFile
from helion.syntax.namesakes import kernel_of_editor
from helion.syntax.tree import KernelSyntax
from helion.target import DEFAULT_TARGET, Target, find_target
from helion_lsp.kernel_keys import kernel_start
from helion_lsp.worker.plain import decision_data
from helion_lsp.worker.prepared import Prepared, prepare
from helion_lsp.worker.surroundings import ALONE, Surroundings

_KEPT = 256


class Compiled:
    """Compiles each kernel once for its text, the signature it is looked at with and the target; its config follows from these."""

    def __init__(self) -> None:
        self._cache: OrderedDict[tuple[str, ...], list[dict[str, Any]]] = OrderedDict()

    def decisions(
        self,
        path: str,
        text: str,
        params: Mapping[str, Any],
        checking: Callable[[str], None] = lambda key: None,
        around: Surroundings = ALONE,
    ) -> list[dict[str, Any]] | None:
        """Of the kernel `params["kernel"]`, with `target` and `sample`; None where the text has no such kernel or it cannot be lowered."""
        target = find_target(str(params.get("target") or "")) or DEFAULT_TARGET
        sample = params.get("sample")
        module = compiler.parse(SourceFile(path, text))
        wanted = kernel_of_editor(module, params["kernel"])
        for kernel, key in around.keys(module):
            if kernel is wanted:
                full_key = (key, target.name, sample or "")
                if full_key not in self._cache:
                    checking(key)
                    prepared = prepare(kernel, target, sample, around)
                    if not isinstance(prepared, Prepared):
                        return None
                    self._cache[full_key] = [decision_data(d, kernel_start(kernel)) for d in _compiled(kernel, prepared, target)]
                    if len(self._cache) > _KEPT:
                        self._cache.popitem(last=False)
                return self._cache[full_key]
        return None


def _compiled(kernel: KernelSyntax, prepared: Prepared, target: Target) -> tuple[Decision, ...]:
    """What cannot be compiled says so at the kernel's name."""
    name = kernel.name_span
    try:
        compile_module = importlib.import_module("helion.offline.compile").compile_module
        compiled_decisions = importlib.import_module("helion.offline.decisions").compiled_decisions
    except ImportError:
        return (Decision("instructions", name, "triton is not installed here, so what the compiled code does is not known"),)
    artifact = compile_module(prepared.module, target)
    if not isinstance(artifact, Artifact):
        return (
            Decision("instructions", name, f"with {prepared.config_words} it does not compile for {target.name}: {artifact.first_line()}"),
        )
    return compiled_decisions(artifact, prepared.module, target, name)
