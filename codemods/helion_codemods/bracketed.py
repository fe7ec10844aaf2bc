"""A bracketed list of source text in, the same list with items changed or added out, the rest to the letter; knows no kernels."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from helion_codemods.config_text import WIDTH
from helion_codemods.indented import indent_of_line, moved

Code = Callable[[str, bool], str]
"""An item's new code, laid out for a line at an indent; over several lines only when the flag says so, or when the old one was."""

_OPEN, _CLOSE = "([{", ")]}"
_BLANK = (tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)


class NotBracketed(Exception):
    """The text is not a bracketed list that Python's tokenizer reads."""


@dataclass(frozen=True)
class Item:
    """One element: `before` is what stands between it and the one before, `after` its comma and the rest of its line.

    `value` is the offset in `code` where the value begins, behind a `key:` or `keyword=`; 0 without one.
    """

    before: str
    code: str
    after: str
    value: int
    has_comma: bool
    start: int


@dataclass(frozen=True)
class Bracketed:
    """`text[start:end]` with its brackets; `tail` is what stands between the last item and the closing bracket."""

    text: str
    start: int
    end: int
    items: tuple[Item, ...]
    tail: str

    @property
    def is_flat(self) -> bool:
        """Whether all of it stands on one line, so that one more item asks for a line each."""
        return "\n" not in self.text[self.start : self.end]

    @property
    def is_a_line_each(self) -> bool:
        return bool(self.items) and all("\n" in item.before for item in self.items) and "\n" in self.tail

    @property
    def is_packed(self) -> bool:
        """Whether a formatter moved all items to one line of their own, because the line was too long."""
        if self.is_flat or not self.items or self.items[-1].has_comma:
            return False
        between = (*(item.before + item.code for item in self.items[1:]), self.items[0].code, *(item.after for item in self.items))
        return not any("\n" in part or "#" in part for part in between) and not self.tail.strip() and not self.items[0].before.strip()

    def _joined(self) -> Bracketed:
        flat = self.text[self.start] + ", ".join(item.code for item in self.items) + self.text[self.end - 1]
        return bracketed(self.text[: self.start] + flat + self.text[self.end :], self.start)

    def edited(
        self,
        indent: str,
        unit: str,
        changes: Mapping[int, Code | None] = MappingProxyType({}),
        added: Sequence[Code] = (),
        *,
        explode: bool,
    ) -> str:
        """The list with items replaced (removed for None) and added at the end. It opens in a line of `indent`; a list on one line gets
        a line an item when `explode` says so or it needs several. What does not change is kept to the letter."""
        if self.is_packed:
            return self._joined().edited(indent, unit, changes, added, explode=explode)
        grows = any(code is not None and "\n" in code(indent + unit, False) for code in changes.values())
        if (explode or added or grows) and self.is_flat:
            return self._exploded(indent, unit, changes, added)
        return self._in_place(indent, unit, changes, added, explode=explode)

    # -- what is on several lines already, or stays on one -----------------------------------------------------------------

    def _in_place(self, indent: str, unit: str, changes: Mapping[int, Code | None], added: Sequence[Code], *, explode: bool) -> str:
        hugged = indent if self.items and not self.is_flat else indent + unit
        inner = indent_of_line(self.text, self.items[-1].start) if self.is_a_line_each else hugged
        pieces: list[str] = []
        for number, item in enumerate(self.items):
            change = changes.get(number, _unchanged(item.code))
            if change is None:
                pieces.append(item.before[: item.before.rfind("\n")] if "\n" in item.before else "")
                continue
            after = item.after if item.has_comma or not added else "," + item.after
            before = item.before if any(piece.strip() for piece in pieces) or "\n" in item.before else item.before.lstrip(" ")
            pieces.append(before + change(inner, explode) + after)
        tail = self.tail
        if added:
            head, newline, closing = tail.rpartition("\n")
            lines = "".join(f"\n{inner}{code(inner, True)}," for code in added)
            tail = f"{head}{lines}\n{closing if newline else indent}"
        elif changes and not self.is_a_line_each and self.is_flat:
            tail = tail if pieces and pieces[-1] else ""
            pieces = _without_last_comma(pieces, self.items, changes)
        return f"{self.text[self.start]}{''.join(pieces)}{tail}{self.text[self.end - 1]}"

    # -- from one line to a line an item ------------------------------------------------------------------------------------

    def _exploded(self, indent: str, unit: str, changes: Mapping[int, Code | None], added: Sequence[Code]) -> str:
        inner = indent + unit
        lines: list[str] = []
        for number, item in enumerate(self.items):
            old = indent_of_line(self.text, item.start)
            change = changes.get(number, _unchanged(settled(item.code, old, inner, unit)))
            if change is not None:
                lines.append(f"{inner}{change(inner, True)},")
        lines += [f"{inner}{code(inner, True)}," for code in added]
        opening, closing = self.text[self.start], self.text[self.end - 1]
        return opening + "".join(f"\n{line}" for line in lines) + (f"\n{indent}" if lines else "") + closing


def _unchanged(code: str) -> Code:
    return lambda _indent, _explode: code


def _without_last_comma(pieces: list[str], items: Sequence[Item], changes: Mapping[int, Code | None]) -> list[str]:
    """On one line nothing but the last item may have gone: the comma before it goes too."""
    kept = [number for number in range(len(items)) if changes.get(number, 0) is not None]
    if not kept or kept[-1] == len(items) - 1 or items[-1].has_comma:
        return pieces
    last = kept[-1]
    return [*pieces[:last], pieces[last].rstrip().removesuffix(","), *pieces[last + 1 :]]


def settled(code: str, old: str, new: str, unit: str, lead: int = 0) -> str:
    """Code moved from one indent to another, behind `lead` characters of its line and with a comma to follow. A list that was broken
    only because its line was too long, which is one without a comma at its end, is broken, or joined, anew."""
    try:
        group = bracketed(code, next((i for i, char in enumerate(code) if char in _OPEN), len(code)))
    except NotBracketed:
        return moved(code, old, new)
    is_plain = not any("\n" in item.code or "#" in item.before + item.after for item in group.items) and "#" not in group.tail
    if not group.items or group.end != len(code) or group.items[-1].has_comma or not is_plain:
        return moved(code, old, new)
    flat = code[: group.start + 1] + ", ".join(item.code for item in group.items) + code[-1]
    if len(new) + lead + len(flat) + 1 <= WIDTH:
        return flat
    inner = new + unit
    return code[: group.start + 1] + "".join(f"\n{inner}{item.code}," for item in group.items) + f"\n{new}{code[-1]}"


def bracketed(text: str, start: int) -> Bracketed:
    """The list whose opening bracket is at `start`. Raises NotBracketed."""
    if text[start : start + 1] not in tuple(_OPEN):
        raise NotBracketed
    tokens, end = _tokens(text, start)
    items: list[Item] = []
    boundary = start + 1
    group: list[_Token] = []
    for token in tokens:
        if token.depth == 1 and token.text == ",":
            after = _line_rest(text, token.end, end - 1)
            items.append(_item(text, boundary, group, after, has_comma=True))
            boundary, group = after, []
        elif token.start >= boundary:
            group.append(token)
    if any(not token.is_comment for token in group):
        after = _line_rest(text, max(t.end for t in group if not t.is_comment), end - 1)
        items.append(_item(text, boundary, group, after, has_comma=False))
        boundary = after
    return Bracketed(text, start, end, tuple(items), text[boundary : end - 1])


@dataclass(frozen=True)
class _Token:
    text: str
    start: int
    end: int
    depth: int
    is_comment: bool


def _tokens(text: str, start: int) -> tuple[list[_Token], int]:
    """The tokens inside the bracket that opens at `start`, and the offset behind what closes it."""
    part = text[start:]
    starts = [0]
    for line in io.StringIO(part, newline=""):
        starts.append(starts[-1] + len(line))
    found: list[_Token] = []
    depth = 0
    try:
        for token in tokenize.generate_tokens(io.StringIO(part, newline="").readline):
            begin, end = (start + starts[line - 1] + column for line, column in (token.start, token.end))
            is_operator = token.type == tokenize.OP
            if is_operator and token.string in _CLOSE:
                depth -= 1
                if depth == 0:
                    return found, end
            if depth > 0 and token.type not in _BLANK:
                found.append(_Token(token.string, begin, end, depth, token.type == tokenize.COMMENT))
            if is_operator and token.string in _OPEN:
                depth += 1
    except (tokenize.TokenError, SyntaxError, IndexError) as problem:
        raise NotBracketed from problem
    raise NotBracketed


def _line_rest(text: str, start: int, stop: int) -> int:
    """Behind a comment on the rest of the line; `start` itself when code follows."""
    line_end = text.find("\n", start, stop)
    rest = text[start : stop if line_end < 0 else line_end]
    return start + len(rest.rstrip("\r")) if rest.strip().startswith("#") else start


def _item(text: str, boundary: int, group: Sequence[_Token], after: int, *, has_comma: bool) -> Item:
    code = [token for token in group if not token.is_comment]
    if not code:
        raise NotBracketed
    start, end = code[0].start, max(token.end for token in code)
    separator = next((t for t in code if t.depth == 1 and t.text in (":", "=", "lambda")), None)
    value = 0
    if separator is not None and separator.text != "lambda":
        value = next((t.start for t in code if t.start >= separator.end), end) - start
    return Item(text[boundary:start], text[start:end], text[end:after], value, has_comma, start)
