"""Diagnostics of a kernel in, their guessed fixes that were tried and are right out as plain data: one check a request, so that whatever
else the worker is asked meanwhile waits for no more than that."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from helion import compiler
from helion.diagnostics.diagnostic import Diagnostic, Fix
from helion.source import SourceFile
from helion.syntax.tree import KernelSyntax
from helion.typed_kernel import tree
from helion_lsp.kernel_keys import kernel_start
from helion_lsp.worker.fixes.around import Around
from helion_lsp.worker.fixes.guessed import tries
from helion_lsp.worker.fixes.trial import Trial
from helion_lsp.worker.kept import Kept
from helion_lsp.worker.plain import fix_data, relative
from helion_lsp.worker.surroundings import ALONE, Surroundings

_KEPT = 8  # of kernels that somebody asks about now; what was found is kept by who asked


@dataclass
class _Question:
    """One diagnostic's tries, as far as they have come."""

    steps: Iterator[Fix | None]
    start: int
    found: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    is_over: bool = False

    def step(self) -> None:
        try:
            fix = next(self.steps)
        except StopIteration:
            self.is_over = True
        except Exception:  # noqa: BLE001 - a bug of ours in one suggestion must not hide the others
            traceback.print_exc()
            self.is_over = True
        else:
            self.found += [] if fix is None else [fix_data(fix, self.start)]


class TriedFixes:
    """Keeps how far it has come with the kernels that were asked about last, by their keys."""

    def __init__(self) -> None:
        self._kernels: Kept[str, Mapping[tuple[Any, ...], _Question]] = Kept(_KEPT)

    def tried(
        self,
        path: str,
        text: str,
        params: Mapping[str, Any],
        checking: Callable[[str], None] = lambda key: None,
        around: Surroundings = ALONE,
    ) -> list[list[dict[str, Any]] | None] | None:
        """The fixes of each of `params["diagnostics"]`, None where more is to be tried; None where the text has no kernel with the
        `key`. A diagnostic is `[start, end, code, message]`, as the analysis has it.

        A kernel that ends the process by what it might be is left alone (`quarantined`) in this alone: it can be checked as it is.
        """
        key, mark = params["key"], f"{params['key']} tried"
        wanted = [tuple(one) for one in params["diagnostics"]]
        if not {key, mark}.isdisjoint(params.get("quarantined", ())):
            return [[] for _ in wanted]
        checking(mark)
        is_new = key not in self._kernels
        if is_new:
            kernel = next((k for k, one in around.keys(compiler.parse(SourceFile(path, text))) if one == key), None)
            if kernel is None:
                return None
            self._kernels.put(key, _questions(kernel, around))
        known = self._kernels.get(key, dict)
        asked = [known.get(one) for one in wanted]
        waiting = next((question for question in asked if question is not None and not question.is_over), None)
        if waiting is not None and not is_new:
            waiting.step()
        return [[] if question is None else question.found if question.is_over else None for question in asked]


def _questions(kernel: KernelSyntax, around: Surroundings) -> dict[tuple[Any, ...], _Question]:
    def check(one: KernelSyntax) -> tree.TypedKernel:
        return compiler.check_as_written(one, around.signature(one), around.names(one.module))

    typed, start = check(kernel), kernel_start(kernel)
    trial, place = Trial(kernel, typed, check), Around(kernel, typed)
    return {_words(d, start): _Question(tries(d, place, trial), start) for d in typed.diagnostics}


def _words(diagnostic: Diagnostic, start: int) -> tuple[Any, ...]:
    return (*relative(diagnostic.span, start), diagnostic.code, diagnostic.message())
