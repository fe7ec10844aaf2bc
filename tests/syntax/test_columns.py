"""Columns: characters, UTF-8 bytes and UTF-16 units agree with Python's own encoders, for any text an editor may hold."""

from __future__ import annotations

import ast
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from helion.source import Position, SourceFile
from helion.syntax.parse import parse_module
from helion.syntax.tree import span_of

# Letters of every width in bytes and units, every line end, and what other tools take for a line end.
ALPHABET = "ab \t\f\v é→😀𝒳\u2028\u2029\x85\ufeff\r\n"
TEXTS = st.text(ALPHABET, max_size=40)
LINES = {"lf": "\n", "crlf": "\r\n", "cr": "\r"}


def python_lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


@given(TEXTS)
def test_lines_end_where_python_ends_them(text: str) -> None:
    file = SourceFile("t.py", text)
    assert [file.line_text(n) for n in range(file.line_count())] == python_lines(text)


@given(TEXTS, st.data())
def test_every_offset_has_one_position(text: str, data: st.DataObject) -> None:
    file = SourceFile("t.py", text)
    offset = data.draw(st.integers(0, len(text)))
    where = file.position(offset)
    inside_crlf = text[offset - 1 : offset + 1] == "\r\n" if offset else False
    assert file.offset(where) == offset - inside_crlf
    assert where.column <= len(file.line_text(where.line))


@given(TEXTS, st.data())
def test_columns_are_what_the_encoders_say(text: str, data: st.DataObject) -> None:
    file = SourceFile("t.py", text)
    where = file.position(data.draw(st.integers(0, len(text))))
    before = file.line_text(where.line)[: where.column]
    offset = file.offset(where)
    assert file.utf8_column(offset) == (where.line, len(before.encode()))
    assert file.utf16_column(offset) == (where.line, len(before.encode("utf-16-le")) // 2)
    assert file.offset_of_utf8_column(where.line + 1, len(before.encode())) == offset
    assert file.offset_of_utf16_column(where.line, len(before.encode("utf-16-le")) // 2) == offset


@given(TEXTS, st.integers(0, 60), st.integers(0, 60))
def test_a_position_outside_the_text_means_its_end(text: str, line: int, column: int) -> None:
    file = SourceFile("t.py", text)
    for offset in (file.offset(Position(line, column)), file.offset_of_utf16_column(line, column)):
        assert 0 <= offset <= len(text)
        if line >= file.line_count():
            assert offset == len(text)
        else:
            assert file.position(offset).line == line


@given(st.text(st.characters(), max_size=20), st.data())
def test_lone_surrogates_have_columns(text: str, data: st.DataObject) -> None:
    """Editors may send half a character; nothing may raise for it."""
    broken = data.draw(st.sampled_from(["\ud83d", "\udc00", "\udfff"])) + text
    file = SourceFile("t.py", broken)
    for offset in range(len(broken) + 1):
        where = file.position(offset)
        line, units = file.utf16_column(offset)
        assert file.offset_of_utf16_column(line, units) == file.offset(where)
        line, size = file.utf8_column(offset)
        assert file.offset_of_utf8_column(line + 1, size) == file.offset(where)


@given(
    st.sampled_from(list(LINES.values())),
    st.sampled_from(["", "\ufeff"]),
    st.sampled_from(["s = '😀→é'; ", "s = '\u2028\x85'; ", "", "\f"]),
)
def test_spans_of_names_hold_the_names(end: str, mark: str, before: str) -> None:
    text = mark + end.join(["# 😀", f"{before}target = value", "if target:", "\tinner = '𝒳' + value", "\f", "last = value", ""])
    file = SourceFile("t.py", text)
    module = parse_module(file)
    assert module.diagnostics == ()
    names = [node for node in ast.walk(module.tree) if isinstance(node, ast.Name)]
    assert sorted(file.text_of(span_of(file, name)) for name in names) == sorted(name.id for name in names)
    assert len(names) >= 6


def test_reading_keeps_a_mark_and_line_ends_out_of_columns(tmp_path: Path) -> None:
    path = tmp_path / "kernel.py"
    path.write_bytes(b"\xef\xbb\xbfx = 1\r\ny = '\xf0\x9f\x98\x80' + x\r\n")
    file = SourceFile.read(path)
    assert file.text.startswith("x")
    assert file.utf16_column(file.text.rindex("x")) == (1, 11)
    assert file.utf8_column(file.text.rindex("x")) == (1, 13)
    assert file.position(file.text.rindex("x")) == Position(1, 10)
