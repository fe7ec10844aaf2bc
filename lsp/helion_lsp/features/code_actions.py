"""A view of an analysis and a range in, what may be done there out: fixes of diagnostics, and the commands of the kernel named there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from helion_lsp.features.diagnostics import diagnostics, fixes_at
from helion_lsp.features.view import View


@dataclass(frozen=True)
class QuickFix:
    """One fix of one diagnostic; `is_only` when it is the diagnostic's sole fix and safe."""

    title: str
    diagnostic: Mapping[str, Any]
    edits: list[Any]
    is_only: bool


@dataclass(frozen=True)
class KernelCommand:
    title: str
    command: str
    arguments: tuple[object, ...]


def quick_fixes(view: View, start: int, end: int) -> Iterator[QuickFix]:
    """The fixes of every diagnostic that touches the range."""
    for diagnostic, fix in fixes_at(view, start, end):
        is_only = fix["safe"] and len(diagnostic["fixes"]) == 1
        yield QuickFix(fix["title"], diagnostic, fix["edits"], is_only)


@dataclass(frozen=True)
class Rewrite:
    """An edit that no diagnostic asks for."""

    title: str
    edits: list[Any]


def assert_assumptions(view: View, start: int, end: int) -> Iterator[Rewrite]:
    """On the kernel's name and on the sizes that were taken to be equal: the assert that says so."""
    for kernel in view.kernels():
        for assumption in kernel["assumptions"]:
            places = (view.span(kernel, span) for span in (kernel["name_span"], *assumption["spans"]))
            edit = assumption["edit"]
            if edit is None:
                continue
            place = view.span(kernel, edit[:2])
            if place is not None and any(span is not None and span[0] <= end and start <= span[1] for span in places):
                yield Rewrite(f"Insert `{edit[2].strip()}`", [[*place, edit[2]]])


def diagnostic_commands(view: View, uri: str, start: int, end: int) -> Iterator[tuple[Mapping[str, Any], KernelCommand]]:
    """What commands may do about each diagnostic that touches the range, where more than an edit is needed."""
    for diagnostic in diagnostics(view):
        first, last = diagnostic["span"]
        if first <= end and start <= last:
            for found in diagnostic.get("commands", ()):
                yield diagnostic, KernelCommand(found["title"], found["command"], (uri, *found["arguments"]))


def kernel_at(view: View, offset: int) -> str | None:
    """The kernel whose decorator or `def` line holds the offset, or the call that makes it."""
    found = view.kernel_at(offset)
    if found is None:
        return None
    kernel, at = found
    first, last = (0, kernel["name_span"][1]) if kernel.get("call") is None else kernel["call"]
    return str(kernel["name"]) if first <= at <= last else None


def kernel_commands(view: View, uri: str, offset: int) -> Iterator[KernelCommand]:
    """Offered on the decorator and on the `def` line, where they do not get in the way of the body's fixes."""
    name = kernel_at(view, offset)
    if name is None:
        return
    yield KernelCommand(f"Tune and lock the config of {name}", "helion.tuneAndLock", (uri, name, {}))
    for kind in ("triton", "ptx", "resources", "ir", "types", "space"):
        yield KernelCommand(f"Show {kind} of {name}", "helion.showPreview", (uri, name, kind))
