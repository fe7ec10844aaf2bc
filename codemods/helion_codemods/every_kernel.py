"""A text and a change of one kernel in, the text with all of its kernels changed out; one that is refused does not hold up the others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from helion.source import SourceFile
from helion.syntax.namesakes import decorator_line, in_order, place_name
from helion.syntax.parse import parse_module
from helion.syntax.tree import KernelSyntax
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
    """Every kernel in order, or `only` the one of a name; of several of one name each is called `name@line`, as it was found."""
    outcomes: list[KernelOutcome] = []
    titles = [only] if only is not None else [place_name(kernel) for kernel in _kernels(text)]
    for number, title in enumerate(titles):
        # By its line of now, which changes with what is changed above.
        kernel = None if only is not None else _kernels(text)[number]
        outcome = change(text, title if kernel is None else f"{kernel.qualname}@{decorator_line(kernel)}")
        if isinstance(outcome, Refused):
            outcomes.append(KernelOutcome(title, changed=False, refused=outcome.reason))
        else:
            outcomes.append(KernelOutcome(title, outcome.text != text, outcome.notes))
            text = outcome.text
    return text, tuple(outcomes)


def _kernels(text: str) -> tuple[KernelSyntax, ...]:
    return in_order(parse_module(SourceFile("", text)))
