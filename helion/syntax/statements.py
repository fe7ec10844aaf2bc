"""Lines of text, broken or not, in; where each statement begins and ends out; knows strings, brackets and indentation, no grammar."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""(?P<comment>\#.*)
      | (?P<triple>\"{3}|'{3})
      | (?P<text>"(?:\\.|[^"\\])*(?:"|\\?$) | '(?:\\.|[^'\\])*(?:'|\\?$))
      | (?P<open>[(\[{])
      | (?P<close>[)\]}])
      | (?P<backslash>\\$)""",
    re.VERBOSE,
)
_CLOSER = {"(": ")", "[": "]", "{": "}"}
# At the start of a line inside brackets these mean that the brackets were left open: no expression goes on like this. `for`, `if` and
# `else` do begin lines of an expression, but not ones that end with a colon.
_STATEMENT = re.compile(
    r"""\s*(?:
        (?:def|class|return|import|from|pass|break|continue|raise|del|assert|global|nonlocal)\b
      | (?:for|while|if|elif|else|with|try|except|finally|async)\b.*:\s*(?:\#.*)?$
      | @\w
      | [\w.,\s*]+(?:\[.*\])?\s(?:[-+*/@%&|^]|//|>>|<<|\*\*)?=\s
    )""",
    re.VERBOSE,
)
# A line that belongs to the statement before it; how most of them begin is known without a search.
_INSIDE = ("", " ", "\t", "#", ")", "]", "}")
_CONTINUES_SECTION = re.compile(r"[\s#)\]}]|$|(?:elif|else|except|finally)\b")


@dataclass(frozen=True)
class Extent:
    """The lines `first` to `last` of one statement (of its header, if it has a block).

    `open` are the closing brackets that it lacks, innermost first; `code_end` is the column on the last line where a comment begins.
    """

    first: int
    last: int
    open: str = ""
    unclosed_text: bool = False
    code_end: int = 0


def indentation(line: str) -> str:
    """The white space a line begins with; a form feed starts it anew."""
    return line[: len(line) - len(line.lstrip())].rpartition("\f")[2]


def statements(lines: Sequence[str], start: int, stop: int) -> Iterator[Extent]:
    """The statements of some lines, in order; blank lines and comments belong to none."""
    line = start
    while line < stop:
        if _is_empty(lines[line]):
            line += 1
            continue
        extent = _extent(lines, line, stop, strict=False)
        if extent.open:
            extent = _extent(lines, line, stop, strict=True)
        yield extent
        line = extent.last + 1


def sections(lines: Sequence[str]) -> list[range]:
    """The lines of each top-level statement, blocks and decorators included, judged by the left margin alone."""
    starts: list[int] = []
    decorated_until = 0  # a decorator and what it decorates, with nothing but blank lines between, are one statement
    for number, line in enumerate(lines):
        if line[:1] in _INSIDE and starts:
            continue
        text = line.lstrip("\f")
        if _CONTINUES_SECTION.match(text) and starts:
            continue
        if not (decorated_until and all(_is_empty(between) for between in lines[decorated_until:number])):
            starts.append(number)
        decorated_until = _extent(lines, number, len(lines), strict=False).last + 1 if text.startswith("@") else 0
    return [range(start, stop) for start, stop in zip(starts, [*starts[1:], len(lines)], strict=True)]


def _is_empty(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")


def _extent(lines: Sequence[str], first: int, stop: int, *, strict: bool) -> Extent:
    brackets: list[str] = []
    indent = len(indentation(lines[first]).expandtabs())
    number, quote, goes_on, code_end = first, "", False, 0
    while number < stop:
        line = lines[number]
        if number > first and not quote and not goes_on and _leaves_open(line, indent, strict=strict):
            return Extent(first, number - 1, "".join(reversed(brackets)), code_end=code_end)
        quote, goes_on, code_end = _scan(line, brackets, quote)
        if quote and not any(quote in later for later in lines[number + 1 : stop]):
            return Extent(first, number, "".join(reversed(brackets)), unclosed_text=True, code_end=code_end)
        if not (brackets or quote or goes_on):
            return Extent(first, number, code_end=code_end)
        number += 1
    return Extent(first, stop - 1, "".join(reversed(brackets)), code_end=code_end)


def _leaves_open(line: str, indent: int, *, strict: bool) -> bool:
    """Whether a line inside brackets shows that they were never meant to reach it."""
    text = line.strip()
    if not text or text[0] in "#)]}":
        return False
    return len(indentation(line).expandtabs()) <= indent or (strict and _STATEMENT.match(line) is not None)


def _scan(line: str, brackets: list[str], quote: str) -> tuple[str, bool, int]:
    """Goes over one line: the triple quote that is open after it, whether it ends with a backslash, where its code ends.

    `brackets` holds the closers of what is open and is changed in place.
    """
    at = 0
    if quote:
        end = _end_of_text(line, 0, quote)
        if end is None:
            return quote, False, len(line)
        at = end
    while (token := _TOKEN.search(line, at)) is not None:
        at = token.end()
        match token.lastgroup:
            case "comment":
                return "", False, token.start()
            case "triple":
                end = _end_of_text(line, at, token[0])
                if end is None:
                    return token[0], False, len(line)
                at = end
            case "open":
                brackets.append(_CLOSER[token[0]])
            case "close" if brackets:
                brackets.pop()
            case "backslash":
                return "", True, len(line)
            case _:
                pass
    return "", False, len(line)


def _end_of_text(line: str, at: int, quote: str) -> int | None:
    """Where a triple-quoted text that is open at `at` ends on this line."""
    while at < len(line):
        if line[at] == "\\":
            at += 2
        elif line.startswith(quote, at):
            return at + 3
        else:
            at += 1
    return None
