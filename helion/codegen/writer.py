"""Lines of generated text with indentation, fresh names and the source span each line came from."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field

from helion.codegen.decisions import Decision
from helion.source import Span

_NOT_IN_NAMES = re.compile(r"\W+")
RESERVED = frozenset({"tl", "triton", "torch", "math", "helion", "hl", "libdevice", "tl_math", "triton_helpers", *dir(builtins)})


def identifier(text: str) -> str:
    """A Python identifier that reads like `text`: `x.size(0)` gives `x_size_0`."""
    name = _NOT_IN_NAMES.sub("_", text).strip("_") or "value"
    if name[0].isdigit():
        name = f"v_{name}"
    return f"{name}_" if keyword.iskeyword(name) or name in RESERVED else name


@dataclass
class Names:
    """Hands out names that are not taken: `acc`, `acc_1`, ..."""

    taken: set[str] = field(default_factory=set[str])

    def fresh(self, hint: str) -> str:
        name = hint = identifier(hint)
        count = 0
        while name in self.taken:
            count += 1
            name = f"{hint}_{count}"
        self.taken.add(name)
        return name


@dataclass
class Writer:
    """Text under construction; `span` is what the next lines come from, `decisions` what was decided about them, and `unwatched` says what
    may stand in the place of a line, as `TritonModule` has it."""

    lines: list[str] = field(default_factory=list[str])
    source_map: list[tuple[int, Span]] = field(default_factory=list[tuple[int, Span]])
    depth: int = 0
    span: Span | None = None
    decisions: list[Decision] = field(default_factory=list[Decision])
    unwatched: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])

    def decide(self, kind: str, text: str, span: Span | None = None) -> None:
        """Note a decision about the lines being written, or about another place of the source."""
        where = span or self.span
        if where is not None:
            self.decisions.append(Decision(kind, where, text))

    def line(self, text: str, unwatched: str | None = None) -> None:
        if self.span is not None:
            self.source_map.append((len(self.lines), self.span))
        if unwatched is not None and unwatched != text:
            self.unwatched.append((len(self.lines), "    " * self.depth + unwatched if unwatched else ""))
        self.lines.append("    " * self.depth + text if text else "")

    @contextmanager
    def indented(self) -> Generator[None]:
        self.depth += 1
        start = len(self.lines)
        yield
        if len(self.lines) == start:
            self.line("pass")
        self.depth -= 1

    @contextmanager
    def at(self, span: Span | None) -> Generator[None]:
        before, self.span = self.span, span
        yield
        self.span = before

    def extend(self, other: Writer) -> None:
        """Append another writer's lines at this depth."""
        first = len(self.lines)
        self.source_map.extend((first + line, span) for line, span in other.source_map)
        self.decisions.extend(other.decisions)
        self.unwatched.extend((first + line, "    " * self.depth + text if text else "") for line, text in other.unwatched)
        self.lines.extend("    " * self.depth + line if line else "" for line in other.lines)
