"""A text and a change of one kernel in, the text with all of its kernels changed out; one that is refused does not hold up the others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from helion.source import SourceFile
from helion.syntax.namesakes import in_order
from helion.syntax.parse import parse_module
from helion_codemods.outcome import Refused, Rewritten

KernelChange = Callable[[str, str], Rewritten | Refused]


@dataclass(frozen=True)
class KernelOutcome:
    """What became of one kernel: `notes` say what was done, `refused` why nothing was."""

    kernel: str
    changed: bool
    notes: tuple[str, ...] = ()
    refused: str | None = None


def change_kernels(text: str, change: KernelChange, only: str | None = None) -> tuple[str, tuple[KernelOutcome, ...]]:
    """Every kernel in order, or `only` the one of a name."""
    outcomes: list[KernelOutcome] = []
    for number in range(1 if only is not None else len(_kernels(text))):
        qualname, line = (only, "") if only is not None else _kernels(text)[number]
        outcome = change(text, f"{qualname}{line}")
        if isinstance(outcome, Refused):
            outcomes.append(KernelOutcome(qualname, changed=False, refused=outcome.reason))
        else:
            outcomes.append(KernelOutcome(qualname, outcome.text != text, outcome.notes))
            text = outcome.text
    return text, tuple(outcomes)


def _kernels(text: str) -> list[tuple[str, str]]:
    """Name and line of each, since the line changes with what is changed above."""
    file = SourceFile("", text)
    found = [(k.qualname, k.decorator.span.start) for k in in_order(parse_module(file)) if k.decorator is not None]
    return [(name, f"@{file.position(start).line + 1}") for name, start in found]
