"""A bracketed list of source text in, the same list with items changed or added out, the rest to the letter; knows no kernels.

libcst reads the list alone, whatever the length of the file around it, and its pieces give back the text they came from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import libcst as cst

from helion_codemods.config_text import WIDTH
from helion_codemods.indented import indent_of_line, moved

Code = Callable[[str, bool], str]
"""An item's new code, laid out for a line at an indent; over several lines only when the flag says so, or when the old one was."""

_OPEN = "([{"


class NotBracketed(Exception):
    """The text is not a bracketed list."""


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

    @property
    def _is_hugged(self) -> bool:
        """Whether it goes on behind its bracket and over several lines: there is no line of one item that another could follow."""
        return bool(self.items) and "\n" not in self.items[0].before

    @property
    def _is_ragged(self) -> bool:
        """Whether some items stand behind the bracket and others, aligned to them, on lines of their own."""
        return self._is_hugged and any("\n" in item.before for item in self.items)

    def _joined(self) -> Bracketed:
        return self._with_items([item.code for item in self.items])

    def _with_items(self, codes: Sequence[str]) -> Bracketed:
        """The same brackets with these items, all on one line."""
        flat = self.text[self.start] + ", ".join(codes) + self.text[self.end - 1]
        return bracketed(self.text[: self.start] + flat + self.text[self.end :], self.start, self.start + len(flat))

    def _left_on_one_line(self, indent: str, changes: Mapping[int, Code | None]) -> list[str]:
        """The items after the changes, where nothing but what is gone kept the list on several lines: formatters would join it."""
        between = (*(part for item in self.items for part in (item.before, item.after.removeprefix(","))), self.tail)
        if not changes or self.is_flat or not self.items or self.items[-1].has_comma or any(part.strip() for part in between):
            return []
        made = [changes.get(number, _unchanged(item.code)) for number, item in enumerate(self.items)]
        codes = [code(indent, False) for code in made if code is not None]
        return [] if any("\n" in code for code in codes) else codes

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
        left = self._left_on_one_line(indent, changes)
        if left and not added:
            return self._with_items(left).edited(indent, unit, explode=explode)
        grows = any(code is not None and "\n" in code(indent + unit, False) for code in changes.values())
        if ((explode or added or grows) and self.is_flat) or (added and self._is_hugged) or (grows and self._is_ragged):
            return self._exploded(indent, unit, changes, added)
        return self._in_place(indent, unit, changes, added, explode=explode)

    # -- what is on several lines already, or stays on one -----------------------------------------------------------------

    def _in_place(self, indent: str, unit: str, changes: Mapping[int, Code | None], added: Sequence[Code], *, explode: bool) -> str:
        hugged = indent if self.items and not self.is_flat else indent + unit
        begins_line = bool(self.items) and "\n" in self.items[-1].before
        inner = indent_of_line(self.text, self.items[-1].start) if begins_line else hugged
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

    # -- to a line an item --------------------------------------------------------------------------------------------------

    def _exploded(self, indent: str, unit: str, changes: Mapping[int, Code | None], added: Sequence[Code]) -> str:
        inner = indent + unit
        lines: list[str] = []
        for number, item in enumerate(self.items):
            old = indent_of_line(self.text, item.start)
            change = changes.get(number, _unchanged(settled(item.code, old, inner, unit)))
            lines += [inner + comment for comment in _comments(item.before)]
            if change is not None:
                behind = "".join(f"  {comment}" for comment in _comments(item.after.removeprefix(",")))
                lines.append(f"{inner}{change(inner, True)},{behind}")
        lines += [f"{inner}{code(inner, True)}," for code in added]
        lines += [inner + comment for comment in _comments(self.tail)]
        opening, closing = self.text[self.start], self.text[self.end - 1]
        return opening + "".join(f"\n{line}" for line in lines) + (f"\n{indent}" if lines else "") + closing


def _comments(between: str) -> list[str]:
    """Of what stands between two items: blanks, commas, joined lines and comments."""
    return [line[line.index("#") :].rstrip() for line in between.split("\n") if "#" in line]


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
        group = bracketed(code, next((i for i, char in enumerate(code) if char in _OPEN), len(code)), len(code))
    except NotBracketed:
        return moved(code, old, new)
    is_plain = not any("\n" in item.code or "#" in item.before + item.after for item in group.items) and "#" not in group.tail
    if not group.items or group.end != len(code) or group.items[-1].has_comma or not is_plain:
        return _refitted(moved(code, old, new), unit)
    flat = code[: group.start + 1] + ", ".join(item.code for item in group.items) + code[-1]
    if len(new) + lead + len(flat) + 1 <= WIDTH:
        return flat
    inner = new + unit
    return code[: group.start + 1] + "".join(f"\n{inner}{item.code}," for item in group.items) + f"\n{new}{code[-1]}"


def _refitted(code: str, unit: str) -> str:
    """A list of an item a line, with those broken that have become too long for theirs."""
    group = bracketed(code, next((i for i, char in enumerate(code) if char in _OPEN), len(code)), len(code))
    if not group.is_a_line_each:
        return code
    changes: dict[int, Code | None] = {}
    for number, item in enumerate(group.items):
        own = indent_of_line(code, item.start)
        if "\n" not in item.code and len(own) + len(item.code) + 1 > WIDTH:
            broken = item.code[: item.value] + settled(item.code[item.value :], own, own, unit, item.value)
            changes[number] = _unchanged(broken)
    return code[: group.start] + group.edited("", unit, changes, explode=False) + code[group.end :] if changes else code


def bracketed(text: str, start: int, end: int) -> Bracketed:
    """The list, mapping or arguments in the brackets `text[start:end]`. Raises NotBracketed."""
    part = text[start:end]
    # Arguments and tuples are written alike.
    module, expression = _parsed(f"{_CALLEE}{part}" if part.startswith("(") else part)
    match expression:
        case cst.Call(args=elements, whitespace_before_args=lead):
            pass
        case cst.List(elements=elements, lbracket=cst.LeftSquareBracket(whitespace_after=lead)):
            pass
        case cst.Dict(elements=elements, lbrace=cst.LeftCurlyBrace(whitespace_after=lead)):
            pass
        case cst.Set(elements=elements, lbrace=cst.LeftCurlyBrace(whitespace_after=lead)):
            pass
        case _:
            raise NotBracketed
    if isinstance(expression, cst.Call) and not (isinstance(expression.func, cst.Name) and expression.func.value == _CALLEE):
        raise NotBracketed
    return _cut(text, start, end, module, lead, elements)


def parameters(text: str, start: int, body: int) -> Bracketed:
    """The parameters of a function, whose opening bracket is at `start` and whose body begins at `body`. Raises NotBracketed."""
    try:
        module = cst.parse_module(f"def {_CALLEE}{text[start:body].rstrip()}\n    pass\n")
    except cst.ParserSyntaxError as problem:
        raise NotBracketed from problem
    function = module.body[0]
    if not isinstance(function, cst.FunctionDef):
        raise NotBracketed
    found = function.params
    nodes = (*found.posonly_params, found.posonly_ind, *found.params, found.star_arg, *found.kwonly_params, found.star_kwarg)
    elements = [node for node in nodes if isinstance(node, cst.Param | cst.ParamSlash | cst.ParamStar)]
    end = start + 1 + len(module.code_for_node(function.whitespace_before_params)) + len(module.code_for_node(found)) + 1
    return _cut(text, start, end, module, function.whitespace_before_params, elements)


_CALLEE = "_"
_Element = cst.Arg | cst.BaseElement | cst.BaseDictElement | cst.Param | cst.ParamSlash | cst.ParamStar


def _parsed(source: str) -> tuple[cst.Module, cst.BaseExpression]:
    try:
        module = cst.parse_module(source)
    except cst.ParserSyntaxError as problem:
        raise NotBracketed from problem
    match module.body:
        case [cst.SimpleStatementLine(body=[cst.Expr(value=expression)])] if not module.header and not module.footer:
            return module, expression
        case _:
            raise NotBracketed


def _cut(
    text: str, start: int, end: int, module: cst.Module, lead: cst.BaseParenthesizableWhitespace, elements: Sequence[_Element]
) -> Bracketed:
    """The elements as pieces of the text they were parsed from: their lengths say where each stands."""
    items: list[Item] = []
    boundary = start + 1
    place = boundary + len(module.code_for_node(lead))
    for element in elements:
        code = _code_without_comma(module, element)
        stop = place + len(code)
        comma = element.comma
        has_comma = isinstance(comma, cst.Comma)
        after_comma = stop + len(module.code_for_node(comma.whitespace_before)) + 1 if isinstance(comma, cst.Comma) else stop
        after = _line_rest(text, after_comma, end - 1)
        value = len(code) - _value_length(module, element, code)
        items.append(Item(text[boundary:place], text[place:stop], text[stop:after], value, has_comma, place))
        place += len(module.code_for_node(element))
        boundary = after
    return Bracketed(text, start, end, tuple(items), text[boundary : end - 1])


def _code_without_comma(module: cst.Module, element: _Element) -> str:
    match element:
        case cst.Arg():
            bare = element.with_changes(comma=cst.MaybeSentinel.DEFAULT, whitespace_after_arg=cst.SimpleWhitespace(""))
        case cst.Param():
            bare = element.with_changes(comma=cst.MaybeSentinel.DEFAULT, whitespace_after_param=cst.SimpleWhitespace(""))
        case cst.ParamSlash():
            bare = element.with_changes(comma=cst.MaybeSentinel.DEFAULT, whitespace_after=cst.SimpleWhitespace(""))
        case cst.ParamStar():  # which libcst writes with a comma only
            return "*"
        case _:
            bare = element.with_changes(comma=cst.MaybeSentinel.DEFAULT)
    return module.code_for_node(bare)


def _value_length(module: cst.Module, element: _Element, whole: str) -> int:
    """How much of an element's code its value is: what follows `keyword=`, `key:` or `parameter:`; all of it without one."""
    match element:
        case cst.Arg(keyword=cst.Name(), value=value) | cst.DictElement(value=value):
            return len(module.code_for_node(value))
        case cst.Param(star=star, name=name, annotation=cst.Annotation(whitespace_before_indicator=before) as annotation):
            lead = f"{star if isinstance(star, str) else ''}{name.value}"
            blanks = [w for w in (before, annotation.whitespace_after_indicator) if not isinstance(w, cst.MaybeSentinel)]
            return len(whole) - len(lead) - len(":") - sum(len(module.code_for_node(blank)) for blank in blanks)
        case cst.Param(default=cst.BaseExpression() as default):
            return len(module.code_for_node(default))
        case _:
            return len(whole)


def _line_rest(text: str, start: int, stop: int) -> int:
    """Behind a comment on the rest of the line; `start` itself when code follows."""
    line_end = text.find("\n", start, stop)
    rest = text[start : stop if line_end < 0 else line_end]
    return start + len(rest.rstrip("\r")) if rest.strip().startswith("#") else start
