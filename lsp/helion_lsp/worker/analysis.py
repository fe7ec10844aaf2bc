"""One document's text in, everything the editor may ask about its kernels out, as plain JSON-ready data; runs in the worker.

Every span of a kernel's data counts characters from the kernel's start (its decorator's line), so edits elsewhere only shift it.
"""

from __future__ import annotations

import ast
import traceback
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

from helion import compiler
from helion.locks.evidence import Entry
from helion.source import SourceFile, Span
from helion.syntax.names import nodes_of
from helion.syntax.namesakes import editor_name
from helion.syntax.tree import KernelSyntax, span_of
from helion.typed_kernel import tree
from helion.typed_kernel.queries import bindings
from helion.types.dims import Assumption
from helion.types.types import TensorType
from helion_lsp.kernel_keys import kernel_start
from helion_lsp.worker.assumptions import assumptions
from helion_lsp.worker.fixes.around import Around
from helion_lsp.worker.fixes.explained import explained
from helion_lsp.worker.hover.locks import lock_hovers
from helion_lsp.worker.hover.options import option_hovers
from helion_lsp.worker.hover.text import hovers
from helion_lsp.worker.kept import Kept
from helion_lsp.worker.kernel_entities import entity_data
from helion_lsp.worker.lock_doubts import doubts_of_text
from helion_lsp.worker.lock_state import lock_state
from helion_lsp.worker.plain import diagnostic_data, relative
from helion_lsp.worker.slice import EVERYTHING, Slice
from helion_lsp.worker.surroundings import ALONE, Surroundings

_KEPT = 64  # of some 100 KB each; the front has those of the open documents


class Analyzer:
    """Checks documents; a kernel whose own text, line and module context did not change is not checked again."""

    def __init__(self) -> None:
        self._cache: Kept[str, dict[str, Any]] = Kept(_KEPT)
        self._learned: Kept[tuple[str, str], tuple[Assumption, ...]] = Kept(_KEPT)

    def analyse(
        self,
        path: str,
        text: str,
        quarantined: Collection[str] = (),
        checking: Callable[[str], None] = lambda key: None,
        session: Sequence[Entry] = (),
        around: Surroundings = ALONE,
        part: Slice = EVERYTHING,
    ) -> dict[str, Any]:
        """The analysis of one text. `checking` hears a kernel's key before it is checked; `quarantined` keys are not checked.

        `session` is evidence of locks that may not be in the sidecar yet, `around` is what other files say. Of a kernel that `part` leaves
        for later only the place is said, and that it is `pending`; of one that the front knows only what is not kept. `files` are those
        that the analysis depends on besides the text.
        """
        module = compiler.parse(SourceFile(path, text))
        behind = around.behind(module)
        kernels = tuple(around.keys(module, behind))
        found: dict[str, dict[str, Any]] = {}
        for kernel, key in part.taken(kernels):
            start = kernel_start(kernel)
            data: dict[str, Any]
            if key in quarantined:
                data = unchecked_data(kernel, start, _crashed(kernel))
            elif key in part.known:
                data = {"same": True}
            else:
                data = self._checked(kernel, start, key, checking, around)
            found[key] = {**data, **_locks_or_why_not(kernel, start, session)}
        return {
            "diagnostics": [diagnostic_data(d, 0) for d in compiler.check_module(module)],
            "kernels": [{**found.get(key, {"pending": True}), **_place(kernel), "key": key} for kernel, key in kernels],
            "files": [str(path) for path in behind],
        }

    def _checked(self, kernel: KernelSyntax, start: int, key: str, checking: Callable[[str], None], around: Surroundings) -> dict[str, Any]:
        return self._cache.get(key, lambda: self._newly_checked(kernel, start, key, checking, around))

    def _newly_checked(
        self, kernel: KernelSyntax, start: int, key: str, checking: Callable[[str], None], around: Surroundings
    ) -> dict[str, Any]:
        checking(key)
        names = around.names(kernel.module)
        try:
            learned = (kernel.file.path, editor_name(kernel))
            before = self._learned.get(learned, tuple)
            typed = compiler.check_as_written(kernel, around.signature(kernel), names, before)
            # Of one that takes more rounds for other reasons, the first one would be done in vain.
            self._learned.put(learned, () if typed.specialized or typed.index_bits != 32 else typed.equalities)
            return kernel_data(kernel, typed, start)
        except Exception as problem:  # noqa: BLE001 - a bug of ours in one kernel must not blank its neighbours
            traceback.print_exc()
            return unchecked_data(kernel, start, f"checking `{kernel.name}` failed inside the toolkit: {type(problem).__name__}: {problem}")


def _place(kernel: KernelSyntax) -> dict[str, Any]:
    """Where the kernel is; `call` is what makes one of the function, where that is not a decorator."""
    start = kernel_start(kernel)
    whole, *call = kernel.parts
    return {
        "name": editor_name(kernel),
        "start": start,
        "length": whole.end - start,
        "call": relative(call[0], start) if call else None,
        "name_span": relative(kernel.name_span, start),
    }


def _locks_or_why_not(kernel: KernelSyntax, start: int, session: Sequence[Entry]) -> dict[str, Any]:
    """What a lens, hovers and diagnostics say of the locks; a sidecar that surprises us must not blank the file."""
    try:
        hovers = [[*relative(span, start), text] for span, text in lock_hovers(kernel, session)]
        doubts = doubts_of_text(kernel, start, session)
        return {"lock": lock_state(kernel, session), "lock_hovers": hovers, "doubts": doubts}
    except Exception:  # noqa: BLE001 - as for a kernel's check
        traceback.print_exc()
        return {"lock": "what is locked could not be read", "lock_hovers": [], "doubts": []}


def kernel_data(kernel: KernelSyntax, typed: tree.TypedKernel, start: int) -> dict[str, Any]:
    """One kernel's share of an analysis."""
    return {
        "diagnostics": explained(typed, Around(kernel, typed), start),
        "hovers": [[*relative(span, start), text] for span, text in (*hovers(typed), *option_hovers(kernel))],
        "hints": [[offset - start, label, kind] for offset, label, kind in _hints(typed)],
        "assumptions": list(assumptions(typed, start)),
        "loops": [relative(span, start) for span in _device_loops(kernel, typed)],
        **entity_data(kernel, typed, start),
    }


def _device_loops(kernel: KernelSyntax, typed: tree.TypedKernel) -> Iterator[Span]:
    """The loops that run on the device, with their bodies: a loop of the tree stands where its first line does."""
    begins = {statement.span.start for statement in typed.body if isinstance(statement, tree.Loop)}
    loops = (span_of(kernel.file, node) for node in nodes_of(kernel.function.node) if isinstance(node, ast.For))
    yield from sorted((span for span in loops if span.start in begins), key=lambda span: span.start)


def unchecked_data(kernel: KernelSyntax, start: int, words: str) -> dict[str, Any]:
    """What is said of a kernel that could not be checked, which is never the user's fault."""
    span = relative(kernel.function.name_span, start)
    diagnostic = {"span": span, "code": "analysis-failed", "severity": "information", "message": words, "notes": [], "fixes": []}
    empty: dict[str, Any] = {"hovers": [], "hints": [], "loops": [], "assumptions": [], "entities": [], "shapes": [], "tokens": []}
    return {"diagnostics": [diagnostic], **empty}


def _crashed(kernel: KernelSyntax) -> str:
    return f"checking `{kernel.name}` ended the analysis process three times; it is left alone until its text changes"


def _hints(typed: tree.TypedKernel) -> Iterator[tuple[int, str, str]]:
    """`(offset, label, kind)`: the shape at each device assignment, and what was assumed, at the kernel's name."""
    for binding in bindings(typed):
        if isinstance(binding.type, TensorType) and binding.region.value == "device":
            yield binding.span.end, f": {binding.type}", "shapes"
    for assumption in typed.assumptions:
        yield typed.name_span.end, f" requires {assumption}", "assumptions"
