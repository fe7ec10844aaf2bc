"""Source text in, spans and column conversions out; knows nothing of Python's grammar or of any editor protocol."""

from __future__ import annotations

import io
import re
import tokenize
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path

_LINE_END = re.compile(r"\r\n|\n|\r")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, order=True)
class Span:
    """A half-open range of character offsets in one `SourceFile`."""

    start: int
    end: int

    def __contains__(self, offset: int) -> bool:
        return self.start <= offset < self.end

    def touches(self, offset: int) -> bool:
        """Whether a cursor at `offset` is in or at the end of the span."""
        return self.start <= offset <= self.end

    def encloses(self, other: Span) -> bool:
        return self.start <= other.start and other.end <= self.end

    def shifted(self, by: int) -> Span:
        return Span(self.start + by, self.end + by)


@dataclass(frozen=True, order=True)
class Position:
    """A 0-based line and a 0-based column counted in characters (code points)."""

    line: int
    column: int


@dataclass(frozen=True)
class SourceFile:
    """One text and where it came from. Lines end at LF, CRLF or CR only, as both Python's parser and editors count them."""

    path: str
    text: str

    @staticmethod
    def read(path: str | Path) -> SourceFile:
        """Read `path` in the encoding it declares (a byte-order mark is kept out of the text). Raises OSError or UnicodeDecodeError."""
        data = Path(path).read_bytes()
        return SourceFile(str(path), data.decode(encoding_of(data)))

    @cached_property
    def line_starts(self) -> tuple[int, ...]:
        if "\r" not in self.text:  # most texts, of which every key makes a new one
            return tuple(accumulate((len(line) + 1 for line in self.text.split("\n")[:-1]), initial=0))
        return (0, *(match.end() for match in _LINE_END.finditer(self.text)))

    @cached_property
    def _line_ends(self) -> tuple[int, ...]:
        """Where each line's text ends, before its line end."""
        if "\r" not in self.text:
            return (*(start - 1 for start in self.line_starts[1:]), len(self.text))
        return (*(match.start() for match in _LINE_END.finditer(self.text)), len(self.text))

    @cached_property
    def _is_ascii(self) -> bool:
        return self.text.isascii()

    def line_count(self) -> int:
        return len(self.line_starts)

    def line_span(self, line: int) -> Span:
        """The 0-based line without its line end."""
        return Span(self.line_starts[line], self._line_ends[line])

    def lines(self) -> list[str]:
        """The text of every line, without its line end."""
        return _LINE_END.split(self.text) if "\r" in self.text else self.text.split("\n")

    def line_text(self, line: int) -> str:
        span = self.line_span(line)
        return self.text[span.start : span.end]

    def text_of(self, span: Span) -> str:
        return self.text[span.start : span.end]

    def position(self, offset: int) -> Position:
        """Where an offset is; inside a CRLF, that is the line's end."""
        offset = max(0, min(offset, len(self.text)))
        line = bisect_right(self.line_starts, offset) - 1
        return Position(line, min(offset, self._line_ends[line]) - self.line_starts[line])

    def offset(self, position: Position) -> int:
        """The offset of a position; a column past the line's end means the line's end."""
        if position.line >= len(self.line_starts):
            return len(self.text)
        span = self.line_span(position.line)
        return min(span.start + position.column, span.end)

    def offset_of_utf8_column(self, line: int, column: int) -> int:
        """The offset of a 1-based line and a column in UTF-8 bytes, which is how `ast` counts."""
        start = self.line_starts[line - 1]
        if self._is_ascii:
            return min(start + column, self._line_ends[line - 1])
        text = self.line_text(line - 1)
        if text.isascii():
            return start + min(column, len(text))
        return start + len(_encodable(text).encode("utf-8")[:column].decode("utf-8", errors="ignore"))

    def utf8_column(self, offset: int) -> tuple[int, int]:
        """The 0-based line and the column in UTF-8 bytes of an offset."""
        line, text = self._before(offset)
        return line, len(text) if text.isascii() else len(_encodable(text).encode("utf-8"))

    def utf16_column(self, offset: int) -> tuple[int, int]:
        """The 0-based line and the column in UTF-16 units of an offset."""
        if self._is_ascii:  # asked for twice a token
            line = max(0, bisect_right(self.line_starts, offset) - 1)
            return line, max(0, min(offset, self._line_ends[line]) - self.line_starts[line])
        line, text = self._before(offset)
        return line, len(text) if text.isascii() else len(_encodable(text).encode("utf-16-le")) // 2

    def _before(self, offset: int) -> tuple[int, str]:
        """The 0-based line of an offset and what stands in it before."""
        where = self.position(offset)
        start = self.line_starts[where.line]
        return where.line, self.text[start : start + where.column]

    def offset_of_utf16_column(self, line: int, column: int) -> int:
        """The offset of a 0-based line and a column in UTF-16 units; past the end means the end."""
        if line >= len(self.line_starts):
            return len(self.text)
        span = self.line_span(line)
        text = self.text_of(span)
        if text.isascii():
            return min(span.start + column, span.end)
        units = 0
        for index, char in enumerate(text):
            if units >= column:
                return span.start + index
            units += 2 if ord(char) > 0xFFFF else 1
        return span.end


def encoding_of(data: bytes) -> str:
    """The encoding of a Python file by its first lines, `utf-8-sig` with a byte-order mark. Raises UnicodeDecodeError, also for an
    encoding that Python does not have."""
    try:
        return tokenize.detect_encoding(io.BytesIO(data).readline)[0]
    except SyntaxError as problem:
        raise UnicodeDecodeError("utf-8", data, 0, min(1, len(data)), str(problem)) from problem


def _encodable(text: str) -> str:
    """The text with lone surrogates, which an editor may send, replaced by a character as long in UTF-8 and in UTF-16."""
    return _LONE_SURROGATE.sub("\ufffd", text)
