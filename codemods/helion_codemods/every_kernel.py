"""A text and a change of one kernel in, the text with all of its kernels changed out; one that is refused does not hold up the others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from helion.source import SourceFile
from helion.syntax.parse import parse_module
from helion_codemods.kernel_place import all_kernels
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
    """Every kernel, or `only` the one of a name, from the last to the first, so that the places of those to come stay."""
    if only is not None:
        names = [(only, only)]
    else:
        file = SourceFile("", text)
        found = [(k.qualname, k.decorator.span.start) for k in all_kernels(parse_module(file)) if k.decorator is not None]
        names = [(name, f"{name}@{file.position(start).line + 1}") for name, start in reversed(found)]
    outcomes: list[KernelOutcome] = []
    for shown, name in names:
        outcome = change(text, name)
        if isinstance(outcome, Refused):
            outcomes.append(KernelOutcome(shown, changed=False, refused=outcome.reason))
        else:
            outcomes.append(KernelOutcome(shown, outcome.text != text, outcome.notes))
            text = outcome.text
    return text, tuple(reversed(outcomes))
