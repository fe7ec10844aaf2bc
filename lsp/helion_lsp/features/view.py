"""An analysis and the text it was made from, seen from the text as it is now: offsets before and after the one place that changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class TextChange:
    """Old text `[start, old_end)` became new text `[start, new_end)`; the rest is the same."""

    start: int
    old_end: int
    new_end: int

    @staticmethod
    def between(old: str, new: str) -> TextChange:
        """The smallest such change."""
        shortest = min(len(old), len(new))
        start = _agreeing(shortest, lambda n: old[:n] == new[:n])
        tail = _agreeing(shortest - start, lambda n: n == 0 or old[-n:] == new[-n:])
        return TextChange(start, len(old) - tail, len(new) - tail)

    def to_old(self, offset: int) -> int | None:
        """None inside what changed."""
        if offset <= self.start:
            return offset
        return offset - self.new_end + self.old_end if offset >= self.new_end else None

    def to_new(self, offset: int) -> int | None:
        """Of a first character: text inserted just before it pushes it on."""
        if offset >= self.old_end:
            return offset - self.old_end + self.new_end
        return offset if offset <= self.start else None

    def end_to_new(self, offset: int) -> int | None:
        """Of an end: text inserted just there stays outside."""
        return offset if offset <= self.start else self.to_new(offset)


def _agreeing(most: int, agrees: Callable[[int], bool]) -> int:
    """The largest n up to `most` for which `agrees(n)`, which must hold for all smaller ones too."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if agrees(middle):
            low = middle
        else:
            high = middle - 1
    return low


UNCHANGED = TextChange(1 << 60, 1 << 60, 1 << 60)
TriedKey = tuple[str, int, int, str, str]


def tried_key(kernel: Mapping[str, Any], diagnostic: Mapping[str, Any]) -> TriedKey:
    """What the fixes of a kernel's diagnostic are known by: nothing that they depend on changes without it."""
    start, end = diagnostic["span"]
    return kernel["key"], start, end, diagnostic["code"], diagnostic["message"]


@dataclass(frozen=True)
class View:
    """`change` leads from the analysed text to the current one; spans that it touches are not there any more.

    `details` are what the later stages know, by kernel key; `outside` are hovers of what stands outside kernels, in offsets of the text;
    `tried` are the guessed fixes that are right, by what `tried_key` gives.
    """

    analysis: Mapping[str, Any]
    change: TextChange = UNCHANGED
    details: Mapping[str, Any] = field(default_factory=dict[str, Any])
    outside: Sequence[Any] = ()
    tried: Mapping[TriedKey, Sequence[Any]] = field(default_factory=dict[TriedKey, Sequence[Any]])

    @property
    def is_stale(self) -> bool:
        return self.change is not UNCHANGED

    def is_settled_at(self, offset: int) -> bool:
        """Whether the text at an offset and around it, in the kernel that holds it, is the analysed one."""
        if self.change.to_old(offset) is None:
            return False
        found = self.kernel_at(offset)
        if found is None:
            return True
        kernel, _ = found
        parts = [(kernel["start"] + first, kernel["start"] + last) for first, last in _parts(kernel)]
        untouched = all(end < self.change.start or start > self.change.old_end for start, end in parts)
        return not kernel.get("pending") and (not self.is_stale or untouched)

    def kernels(self) -> Iterator[Mapping[str, Any]]:
        yield from self.analysis["kernels"]

    def details_of(self, kernel: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the later stages know of a kernel; nothing while they have not seen it as it is."""
        return self.details.get(kernel["key"], {})

    def span(self, kernel: Mapping[str, Any], relative: Any) -> tuple[int, int] | None:
        """A span of a kernel's data, which counts from the kernel's start, in the current text."""
        start = self.change.to_new(kernel["start"] + relative[0])
        end = self.change.end_to_new(kernel["start"] + relative[1])
        return None if start is None or end is None else (start, max(start, end))

    def kernel_at(self, offset: int) -> tuple[Mapping[str, Any], int] | None:
        """The kernel whose text, decorator included, holds an offset of the current text, and the offset in the kernel's data."""
        old = self.change.to_old(offset)
        if old is None:
            return None
        for kernel in self.analysis["kernels"]:
            at = old - kernel["start"]
            if 0 <= at <= kernel["length"]:
                return self.speaker_for(kernel), at
            call = kernel.get("call")
            if call is not None and call[0] <= at <= call[1]:
                return kernel, at
        return None

    def speaker_for(self, kernel: Mapping[str, Any]) -> Mapping[str, Any]:
        """Of the kernels that calls make of one function the one that knows most, since its text can only say one thing."""
        if kernel.get("call") is None:
            return kernel
        siblings = (k for k in self.analysis["kernels"] if k["start"] == kernel["start"])
        return min(siblings, key=lambda k: sum("?" in text.partition("\n")[0] for _, _, text in k["hovers"]))


def _parts(kernel: Mapping[str, Any]) -> Iterator[tuple[int, int]]:
    """The function with its decorator, and the call that makes a kernel of it where there is one, from the kernel's start."""
    yield 0, kernel["length"]
    call = kernel.get("call")
    if call is not None:
        yield call[0], call[1]
