"""The options of a kernel's decorator, as they are written, in; the text with options replaced, removed or added out."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from helion.syntax.tree import span_of
from helion_codemods.bracketed import Bracketed, Code, Item, bracketed
from helion_codemods.config_text import WIDTH
from helion_codemods.indented import indent_of_line
from helion_codemods.kernel_place import KernelPlace
from helion_codemods.parentheses import joined


@dataclass(frozen=True)
class Written:
    """One option: its node and the item of the list that it is."""

    number: int
    item: Item
    node: ast.expr


@dataclass(frozen=True)
class WrittenOptions:
    """What the decorator is called with. A bare decorator has no options and no list."""

    place: KernelPlace

    @cached_property
    def group(self) -> Bracketed | None:
        call = self.place.call
        if call is None:
            return None
        file, text = self.place.kernel.file, self.place.text
        return bracketed(text, text.index("(", span_of(file, call.func).end), span_of(file, call).end)

    @cached_property
    def named(self) -> Mapping[str, Written]:
        """The options that are given by name."""
        call, group = self.place.call, self.group
        if call is None or group is None:
            return {}
        pairs = [*((None, node) for node in call.args), *((k.arg, k.value) for k in call.keywords)]
        pairs.sort(key=lambda pair: (pair[1].lineno, pair[1].col_offset))
        found = zip(pairs, enumerate(group.items), strict=True)
        return {name: Written(number, item, node) for (name, node), (number, item) in found if name is not None}

    @property
    def unpacked(self) -> ast.expr | None:
        """What is unpacked into the options."""
        call = self.place.call
        if call is None:
            return None
        starred = [node.value for node in call.args if isinstance(node, ast.Starred)]
        return next(iter([*starred, *(k.value for k in call.keywords if k.arg is None)]), None)

    def rewritten(self, changes: Mapping[int, Code | None], added: Sequence[Code] = ()) -> str:
        """The whole text with options changed; a decorator left without any is bare."""
        place, text = self.place, self._rewritten(changes, added)
        end = place.end + len(text) - len(place.text)
        return joined(text[: place.start], text[place.start : end], text[end:])

    def _rewritten(self, changes: Mapping[int, Code | None], added: Sequence[Code]) -> str:
        place, group = self.place, self.group
        if group is None:
            fresh = bracketed("()", 0, 2).edited(place.indent, place.style.unit, added=added, explode=True)
            return place.text[: place.end] + fresh + place.text[place.end :]
        text = replaced(place, group, changes, added)
        stop = group.end + len(text) - len(place.text)
        inside, behind = text[group.start + 1 : stop - 1].strip(" "), text[stop:]
        comment = inside.strip()
        # A comment behind the bracket goes behind the name; others stay where they are.
        if comment and not (inside.startswith("#") and "\n" not in comment and behind[:1] in ("", "\n")):
            return text
        is_decorator = place.text[place.start - 1 : place.start] == "@"
        return text[: group.start] + ("" if is_decorator else "()") + (f"  {comment}" if comment else "") + behind


def replaced(place: KernelPlace, group: Bracketed, changes: Mapping[int, Code | None], added: Sequence[Code] = ()) -> str:
    """The whole text with one list of it edited; on one line as long as it fits."""
    indent = indent_of_line(place.text, group.start)
    for explode in (False, True):
        new = group.edited(indent, place.style.unit, changes, added, explode=explode)
        text = place.text[: group.start] + new + place.text[group.end :]
        if explode or not _is_too_wide(place.text, text, group.start, group.start + len(new)):
            return joined(place.text[: group.start], new, place.text[group.end :])
    raise AssertionError("the second round returns")


def _is_too_wide(old: str, new: str, start: int, end: int) -> bool:
    known = set(old.split("\n"))
    first, stop = new.rfind("\n", 0, start) + 1, new.find("\n", end)
    return any(len(line) > WIDTH and line not in known for line in new[first : len(new) if stop < 0 else stop].split("\n"))
