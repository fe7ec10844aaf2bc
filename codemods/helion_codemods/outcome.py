"""What a codemod gives back: new text, or why it would not touch the old."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Rewritten:
    """`text` is the whole new text; it equals the old one when there was nothing to do. `notes` say in words what was done."""

    text: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Refused:
    """The text cannot be rewritten safely; `reason` is one sentence."""

    reason: str


@dataclass(frozen=True)
class Example:
    """A test and a page of the manual: `before` becomes `after`, or is refused for a reason; `options` are the codemod's arguments."""

    title: str
    before: str
    after: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])
    refused: str | None = None


@dataclass(frozen=True)
class TextEdit:
    """Replace `[start, end)` (character offsets) with `new_text`."""

    start: int
    end: int
    new_text: str


def minimal_edit(before: str, after: str) -> TextEdit | None:
    """The one edit between two texts, without what they share at both ends; None when they are equal."""
    if before == after:
        return None
    shortest = min(len(before), len(after))
    start = next((i for i in range(shortest) if before[i] != after[i]), shortest)
    tail = next((i for i in range(shortest - start) if before[-1 - i] != after[-1 - i]), shortest - start)
    return TextEdit(start, len(before) - tail, after[start : len(after) - tail])
