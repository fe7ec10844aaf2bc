"""One document's text in, everything the editor may ask about its kernels out, as plain JSON-ready data; runs in the worker.

Every span of a kernel's data counts characters from the kernel's start (its decorator's line), so edits elsewhere only shift it.
"""

from __future__ import annotations

import ast
import hashlib
import traceback
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any

from helion import compiler
from helion.diagnostics.diagnostic import Diagnostic
from helion.settings import Settings
from helion.signatures.infer import infer_signature
from helion.source import SourceFile, Span
from helion.syntax.tree import KernelSyntax, ModuleSyntax
from helion.typecheck.global_names import FileGlobals
from helion.typed_kernel import tree
from helion.typed_kernel.queries import bindings
from helion.types.types import TensorType
from helion_lsp.hover_text import hovers
from helion_lsp.lock_evidence import Entry
from helion_lsp.lock_state import lock_state

_KEPT = 512


class Analyzer:
    """Checks documents; a kernel whose own text, line and module context did not change is not checked again."""

    def __init__(self) -> None:
        self._cache: OrderedDict[str, dict[str, Any]] = OrderedDict()

    def analyse(
        self,
        path: str,
        text: str,
        quarantined: Collection[str] = (),
        checking: Callable[[str], None] = lambda key: None,
        session: Sequence[Entry] = (),
    ) -> dict[str, Any]:
        """The analysis of one text. `checking` hears a kernel's key before it is checked; `quarantined` keys are not checked.

        `session` is evidence of locks that may not be in the sidecar yet.
        """
        module = compiler.parse(SourceFile(path, text))
        context = _context(module)
        kernels: list[dict[str, Any]] = []
        for kernel in module.kernels:
            start = _start(kernel)
            key = _key(module, kernel, start, context)
            data = (
                unchecked_data(kernel, start, _crashed(kernel))
                if key in quarantined
                else self._checked(module, kernel, start, key, checking)
            )
            kernels.append({**data, "start": start, "lock": _lock_or_why_not(kernel, session)})
        return {"diagnostics": [diagnostic_data(d, 0) for d in module.diagnostics], "kernels": kernels}

    def _checked(self, module: ModuleSyntax, kernel: KernelSyntax, start: int, key: str, checking: Callable[[str], None]) -> dict[str, Any]:
        if key in self._cache:
            self._cache.move_to_end(key)
            return self._cache[key]
        checking(key)
        names = FileGlobals(module)
        try:
            signature, settings = infer_signature(kernel, names), Settings()
            typed = compiler.check(kernel, signature, names, settings)
            in_decorator = compiler.check_configs(kernel, signature, names, settings, typed)
            typed = replace(typed, diagnostics=(*typed.diagnostics, *in_decorator))
            data = kernel_data(kernel, typed, start)
        except Exception as problem:  # noqa: BLE001 - a bug of ours in one kernel must not blank its neighbours
            traceback.print_exc()
            data = unchecked_data(kernel, start, f"checking `{kernel.name}` failed inside the toolkit: {type(problem).__name__}: {problem}")
        self._cache[key] = data
        if len(self._cache) > _KEPT:
            self._cache.popitem(last=False)
        return data


def _lock_or_why_not(kernel: KernelSyntax, session: Sequence[Entry]) -> str:
    """What a lens says of the locks; a sidecar that surprises us must not blank the file."""
    try:
        return lock_state(kernel, session)
    except Exception:  # noqa: BLE001 - as for a kernel's check
        traceback.print_exc()
        return "what is locked could not be read"


def _start(kernel: KernelSyntax) -> int:
    """The start of the decorator's line, so that the `@` is inside."""
    span = kernel.function.span if kernel.decorator is None else kernel.decorator.span
    return kernel.file.line_starts[kernel.file.position(span.start).line]


def _key(module: ModuleSyntax, kernel: KernelSyntax, start: int, context: str) -> str:
    """What a kernel's data depends on: its text, its line (messages name lines) and what it can see of the module."""
    line = module.file.position(start).line
    parts = (module.file.path, kernel.qualname, str(line), module.file.text[start : kernel.function.span.end], context)
    return hashlib.sha1("\0".join(parts).encode("utf-8", errors="replace"), usedforsecurity=False).hexdigest()


def _context(module: ModuleSyntax) -> str:
    """Everything at the top level but the bodies of kernels, with its lines: imports, constants, helper functions, call sites."""
    kernels = {k.function.node for k in module.kernels}
    starts = module.file.line_starts
    parts: list[str] = []
    for node in module.tree.body:
        if node in kernels and isinstance(node, ast.FunctionDef):
            parts.append(f"kernel {node.name}")
        elif not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            end = starts[node.end_lineno] if node.end_lineno is not None and node.end_lineno < len(starts) else len(module.file.text)
            parts.append(f"{node.lineno} {module.file.text[starts[node.lineno - 1] : end]}")
    return "\n".join(parts)


def kernel_data(kernel: KernelSyntax, typed: tree.TypedKernel, start: int) -> dict[str, Any]:
    """One kernel's share of an analysis."""
    return {
        "name": kernel.qualname,
        "length": kernel.function.span.end - start,
        "name_span": _pair(kernel.function.name_span, start),
        "diagnostics": [diagnostic_data(d, start) for d in typed.diagnostics],
        "hovers": [[*_pair(span, start), text] for span, text in hovers(typed)],
        "hints": [[offset - start, label, kind] for offset, label, kind in _hints(typed)],
        "loops": [_pair(s.span, start) for s in typed.body if isinstance(s, tree.Loop)],
    }


def unchecked_data(kernel: KernelSyntax, start: int, words: str) -> dict[str, Any]:
    """What is said of a kernel that could not be checked, which is never the user's fault."""
    span = _pair(kernel.function.name_span, start)
    diagnostic = {"span": span, "code": "analysis-failed", "severity": "information", "message": words, "notes": [], "fixes": []}
    length = kernel.function.span.end - start
    empty: dict[str, Any] = {"hovers": [], "hints": [], "loops": []}
    return {"name": kernel.qualname, "length": length, "name_span": span, "diagnostics": [diagnostic], **empty}


def _crashed(kernel: KernelSyntax) -> str:
    return f"checking `{kernel.name}` ended the analysis process three times; it is left alone until its text changes"


def _pair(span: Span, start: int) -> list[int]:
    return [span.start - start, span.end - start]


def diagnostic_data(diagnostic: Diagnostic, start: int) -> dict[str, Any]:
    """A diagnostic as plain data."""
    return {
        "span": _pair(diagnostic.span, start),
        "code": diagnostic.code,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message(),
        "notes": [
            {"message": n.message, "span": None if n.span is None or n.file is not None else _pair(n.span, start)}
            for n in diagnostic.notes()
        ],
        "fixes": [
            {"title": f.title, "safe": f.safe, "edits": [[*_pair(e.span, start), e.new_text] for e in f.edits]} for f in diagnostic.fixes()
        ],
    }


def _hints(typed: tree.TypedKernel) -> Iterator[tuple[int, str, str]]:
    """`(offset, label, kind)`: the shape at each device assignment, and what was assumed, at the kernel's name."""
    for binding in bindings(typed):
        if isinstance(binding.type, TensorType) and binding.region.value == "device":
            yield binding.span.end, f": {binding.type}", "shapes"
    for assumption in typed.assumptions:
        yield typed.name_span.end, f" requires {assumption.left} = {assumption.right}", "assumptions"
