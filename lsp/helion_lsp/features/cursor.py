"""A text and an offset in, what is being typed there out: a dotted name, the brackets around it, the string it is in.

Knows tokens, not grammar: what is being typed does not parse.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_TOKEN = re.compile(
    r"""(?P<string>[rRbBuUfF]{0,2}(?:\"\"\"|'''|"|'))|(?P<comment>\#[^\r\n]*)|(?P<name>[^\W\d]\w*(?:\.[^\W\d]\w*)*\.?)"""
    r"""|(?P<open>[\[({])|(?P<close>[\])}])|(?P<line>\r?\n|\r)|(?P<mark>[=!<>:]=|[,=:.])|(?P<space>[^\S\r\n]+|\\)|(?P<other>\d\w*|.)""",
    re.VERBOSE,
)
_STATEMENT = re.compile(
    r"[ \t]*(?:(?:return|def|class|assert|raise|del|import)\b|@|(?:for|if|elif|else|while|with|try)\b[^\r\n]*:[ \t]*\r?$|[\w, \t]+ = )",
    re.MULTILINE,
)
_TOP = re.compile(r"^[@\w]", re.MULTILINE)
_CLOSING = {"(": ")", "[": "]", "{": "}"}


@dataclass(frozen=True)
class Opened:
    """An open bracket around the cursor.

    `before` is the dotted name that it follows, `keyword` the argument's name or the key that the cursor's value is for, `position` how
    many commas stand before it, `keywords` every name given in the bracket, on either side of the cursor.
    """

    bracket: str
    start: int
    before: str = ""
    keyword: str | None = None
    position: int = 0
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True)
class Cursor:
    """`owner` is what stands before the last dot (`None`: no dot; `""`: not a name), `word` what is typed of the name after it.

    `start` is where the word begins, `end` where it ends after the cursor; `quote` is the quote of the string around it, or `""`.
    `opened` are the brackets around it, outermost first, `lead` is the text of the line before the dotted name.
    """

    start: int
    end: int
    word: str
    owner: str | None = None
    quote: str = ""
    opened: tuple[Opened, ...] = ()
    lead: str = ""
    in_comment: bool = False

    @property
    def innermost(self) -> Opened | None:
        return self.opened[-1] if self.opened else None


@dataclass
class _Bracket:
    bracket: str
    start: int
    before: str
    keyword: str | None = None
    position: int = 0
    keywords: list[str] = field(default_factory=list[str])

    def frozen(self) -> Opened:
        return Opened(self.bracket, self.start, self.before, self.keyword, self.position, tuple(self.keywords))


def statement_start(text: str, offset: int) -> int:
    """The start of the last line up to the offset that begins something at the top level."""
    line = text.rfind("\n", 0, offset) + 1
    while line > 0 and not _TOP.match(text, line, max(offset, line)):
        line = text.rfind("\n", 0, line - 1) + 1
    return line


def cursor_at(text: str, offset: int) -> Cursor:
    """What is being typed at an offset."""
    return _Scan(text, offset).cursor()


class _Scan:
    """Reads tokens from the statement's start to the cursor; a line that can only begin a statement ends brackets left open."""

    def __init__(self, text: str, offset: int) -> None:
        self._text = text
        self._offset = offset
        self._stack: list[_Bracket] = []
        self._last = ("", "")

    def cursor(self) -> Cursor:
        position = statement_start(self._text, self._offset)
        while position < self._offset:
            match = _TOKEN.match(self._text, position)
            assert match is not None and match.lastgroup is not None, "the last alternative takes any character"
            end = match.end()
            if match.lastgroup == "string":
                content, end, closed = self._string(match.end(), match[0].lstrip("rRbBuUfF"))
                if end >= self._offset and not (closed and end == self._offset):
                    return self._done(content, match[0][-1], owner=None)
                self._last = ("string", self._text[content : end - len(match[0].lstrip("rRbBuUfF"))])
            elif match.lastgroup == "name" and end >= self._offset:
                return self._name(match.start())
            elif match.lastgroup == "comment" and end >= self._offset:
                return Cursor(self._offset, self._offset, "", in_comment=True)
            else:
                self._token(match.lastgroup, match[0], match.start())
            position = end
        return self._done(self._offset, "", owner="" if self._last == ("mark", ".") else None)

    def _string(self, start: int, quote: str) -> tuple[int, int, bool]:
        """Where the content starts, where the string ends and whether it is closed; one of a single line ends with the line."""
        pattern = re.compile(rf"(?s:\\.|(?!{quote}).)*?{quote}" if len(quote) == 3 else rf"(?:\\.|[^\\\r\n{quote}])*({quote})?")
        match = pattern.match(self._text, start)
        if match is None:
            return start, len(self._text), False
        return start, match.end(), len(quote) == 3 or match[1] is not None

    def _token(self, kind: str, text: str, start: int) -> None:
        if kind in ("space", "comment"):
            return
        if kind == "line":
            if self._stack and _STATEMENT.match(self._text, start + len(text)):
                self._stack.clear()
            if not self._stack:
                self._last = ("", "")
            return
        top = self._stack[-1] if self._stack else None
        if kind == "open":
            before = self._last[1] if self._last[0] == "name" else ""
            self._stack.append(_Bracket(text, start, before))
        elif kind == "close":
            while self._stack and _CLOSING[self._stack.pop().bracket] != text:
                pass
        elif top is not None and text == ",":
            top.position += 1
            top.keyword = None
        elif top is not None and (
            (text == "=" and top.bracket == "(" and self._last[0] == "name")
            or (text == ":" and top.bracket == "{" and self._last[0] == "string")
        ):
            top.keyword = self._last[1]
            top.keywords.append(self._last[1])
        self._last = (kind, text)

    def _name(self, start: int) -> Cursor:
        typed = self._text[start : self._offset]
        owner, dot, _ = typed.rpartition(".")
        follows_dot = self._last == ("mark", ".")
        return self._done(start + len(owner) + len(dot), "", owner="" if follows_dot else owner if dot else None)

    def _done(self, start: int, quote: str, owner: str | None) -> Cursor:
        end = self._offset
        while end < len(self._text) and (self._text[end].isalnum() or self._text[end] == "_"):
            end += 1
        self._read_on(end)
        word = self._text[start : self._offset]
        line = self._text.rfind("\n", 0, start) + 1
        lead = self._text[line : start - len(owner) - 1 if owner else start]
        return Cursor(start, end, word, owner, quote, tuple(b.frozen() for b in self._stack), lead)

    def _read_on(self, end: int) -> None:
        """Names that the innermost bracket gives after the cursor, if it is closed before the next statement."""
        if not self._stack:
            return
        depth, found, last = 0, list[str](), ""
        position = end
        while position < len(self._text):
            match = _TOKEN.match(self._text, position)
            assert match is not None, "the last alternative takes any character"
            position, kind, text = match.end(), match.lastgroup, match[0]
            if kind == "string":
                content, position, _ = self._string(match.end(), text.lstrip("rRbBuUfF"))
                last = self._text[content : position - 1]
            elif kind == "open":
                depth += 1
            elif kind == "close":
                depth -= 1
                if depth < 0:
                    break
            elif kind == "line" and _STATEMENT.match(self._text, position):
                return
            elif depth == 0 and last and (text == "=" or (text == ":" and self._stack[-1].bracket == "{")):
                found.append(last)
            last = text if kind == "name" else last if kind in ("string", "space") else ""
        self._stack[-1].keywords.extend(found)
