"""Source text over several lines in, the same text standing elsewhere out: strings keep every character."""

from __future__ import annotations

import io
import tokenize


def indent_of_line(text: str, offset: int) -> str:
    """The white space that the line of an offset begins with."""
    start = text.rfind("\n", 0, offset) + 1
    stop = start
    while stop < len(text) and text[stop] in " \t":
        stop += 1
    return text[start:stop]


def moved(code: str, old: str, new: str) -> str:
    """The lines after the first from one indent to another; those inside a string stay, for they are its value."""
    if old == new or "\n" not in code:
        return code
    inside = _lines_inside_strings(code)
    lines = code.split("\n")
    shifted = [
        new + line.removeprefix(old) if number not in inside and line.startswith(old) and line.strip() else line
        for number, line in enumerate(lines[1:], 1)
    ]
    return "\n".join([lines[0], *shifted])


def _lines_inside_strings(code: str) -> set[int]:
    """Numbers, from 0, of the lines that begin inside a string."""
    found: set[int] = set()
    begun: list[int] = []
    for token in tokenize.generate_tokens(io.StringIO(f"({code}\n)").readline):
        name = tokenize.tok_name[token.type]
        first = token.start[0]
        if name.endswith("STRING_START"):
            begun.append(first)
        elif name.endswith("STRING_END"):
            first = begun.pop()
        if name == "STRING" or name.endswith("STRING_END"):
            found.update(range(first, token.end[0]))
    return found
