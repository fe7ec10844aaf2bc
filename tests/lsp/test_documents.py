"""Changes applied as the protocol says: random edits of awkward texts against a model written from its words."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lsprotocol import types as lsp

from helion.source import SourceFile
from helion_lsp.front.protocol import Columns

PIECES = [
    "a",
    "x y",
    "\t",
    "é",
    "\U0001f600",
    "\n",
    "\r\n",
    "\r",
    "\f",
    "\u2028",
    "\x0b",
    "\x85",
    "\ufeff",
    "def f():\n",
    "'\U0001f600\U0001f600'",
]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)
UNITS = {lsp.PositionEncodingKind.Utf8: "utf-8", lsp.PositionEncodingKind.Utf16: "utf-16-le", lsp.PositionEncodingKind.Utf32: "utf-32-le"}
WIDTH = {"utf-8": 1, "utf-16-le": 2, "utf-32-le": 4}


class SpecDocument:
    """Lines end at LF, CRLF or CR and nothing else; a character past the end means the end of the line, without its line end."""

    def __init__(self, text: str, encoding: str) -> None:
        self.text = text
        self.encoding = encoding

    def offset(self, line: int, character: int) -> int:
        starts = [0, *(m.end() for m in re.finditer("\r\n|\n|\r", self.text))]
        if line >= len(starts):
            return len(self.text)
        content = re.split("\r\n|\n|\r", self.text[starts[line] :], maxsplit=1)[0]
        units = 0
        for count, char in enumerate(content):
            if units >= character:
                return starts[line] + count
            units += len(char.encode(self.encoding)) // WIDTH[self.encoding]
        return starts[line] + len(content)

    def apply(self, start: tuple[int, int], end: tuple[int, int], new: str) -> None:
        first, last = self.offset(*start), self.offset(*end)
        self.text = self.text[:first] + new + self.text[last:]


def boundary(document: SpecDocument, line: int, character: int) -> tuple[int, int]:
    """The nearest position before that is not inside a character: clients do not send others."""
    offset = document.offset(line, character)
    starts = [0, *(m.end() for m in re.finditer("\r\n|\n|\r", document.text))]
    line = max(n for n, s in enumerate(starts) if s <= offset)
    return line, len(document.text[starts[line] : offset].encode(document.encoding)) // WIDTH[document.encoding]


@pytest.mark.parametrize("encoding", list(UNITS))
@settings(max_examples=150, deadline=None)
@given(
    text=TEXTS,
    edits=st.lists(st.tuples(st.integers(0, 6), st.integers(0, 9), st.integers(0, 6), st.integers(0, 9), TEXTS), min_size=1, max_size=5),
)
def test_changes_apply_as_specified(encoding: lsp.PositionEncodingKind, text: str, edits: list[tuple[int, int, int, int, str]]) -> None:
    columns = Columns(encoding)
    model = SpecDocument(text, UNITS[encoding])
    file = SourceFile("f.py", text)
    for line, character, end_line, end_character, new in edits:
        start, end = sorted((boundary(model, line, character), boundary(model, end_line, end_character)))
        there = lsp.Range(start=lsp.Position(*start), end=lsp.Position(*end))
        file = columns.applied(file, [lsp.TextDocumentContentChangePartial(range=there, text=new)])
        model.apply(start, end, new)
        assert file.text == model.text


@pytest.mark.parametrize("encoding", list(UNITS))
@settings(max_examples=150, deadline=None)
@given(text=TEXTS, offset=st.integers(0, 40))
def test_positions_lead_back(encoding: lsp.PositionEncodingKind, text: str, offset: int) -> None:
    columns = Columns(encoding)
    file = SourceFile("f.py", text)
    offset = min(offset, len(text))
    if text[offset - 1 : offset + 1] == "\r\n":
        offset += 1
    assert columns.offset_of(file, columns.position_of(file, offset)) == offset


def test_what_pygls_gets_wrong() -> None:
    columns = Columns()
    whole_last_line = lsp.Range(start=lsp.Position(1, 0), end=lsp.Position(1, 99))
    change = lsp.TextDocumentContentChangePartial(range=whole_last_line, text="X")
    assert columns.applied(SourceFile("f.py", "one\ntwo"), [change]).text == "one\nX"
    form_feed = SourceFile("f.py", "a\x0cb\u2028c\nd")
    assert columns.position_of(form_feed, form_feed.text.index("d")) == lsp.Position(1, 0)
