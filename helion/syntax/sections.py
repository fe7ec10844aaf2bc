"""Lines in, their top-level statements parsed one by one out; those that an edit did not touch are the same objects as before."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from helion.syntax.remembered import remembered
from helion.syntax.stand_ins import parse_lines
from helion.syntax.statements import sections, statements

_JOINED_SECTIONS = 4  # how many parts a text in brackets or quotes may have at the left margin

# Some lines with their tree; None where they do not parse.
Section = tuple[range, tuple[ast.stmt, ...] | None]


def parsed_sections(lines: Sequence[str]) -> list[Section]:
    """A text in quotes or brackets that goes on at the left margin is one statement."""
    found: list[Section] = []
    waiting = sections(lines)
    at = 0
    while at < len(waiting):
        section = waiting[at]
        at += 1
        tree = section_tree(lines, section)
        if tree is None:
            joined = _joined(lines, section, waiting[at:])
            if joined is not None:
                section = range(section.start, waiting[at + joined - 1].stop)
                tree = section_tree(lines, section)
                at += joined
        found.append((section, tree))
    return found


def whole_tree(found: Sequence[Section]) -> ast.Module | None:
    """The tree of all sections; None where one has none."""
    body: list[ast.stmt] = []
    for _, tree in found:
        if tree is None:
            return None
        body += tree
    return ast.Module(body, [])


def section_tree(lines: Sequence[str], section: range) -> tuple[ast.stmt, ...] | None:
    """The statements of some lines, at their places in the file."""
    return _tree(section.start, "\n".join(lines[section.start : section.stop]))


def _lines(above: int, text: str) -> int:
    """How many lines a section has, wherever it stands."""
    return text.count("\n") + 1


@remembered(_lines)
def _tree(above: int, text: str) -> tuple[ast.stmt, ...] | None:
    tree = parse_lines([*[""] * above, text])
    return tuple(tree.body) if isinstance(tree, ast.Module) else None


def _joined(lines: Sequence[str], section: range, later: Sequence[range]) -> int | None:
    """How many of the next sections make this one whole."""
    # What is behind it in the section is its text, too.
    unfinished = next((e for e in statements(lines, section.start, section.stop) if e.open or e.unclosed_text), None)
    if unfinished is None:
        return None
    quotes = ('"""', "'''") if unfinished.unclosed_text else (")", "]", "}")
    tries = 0
    for count, other in enumerate(later, 1):
        if any(quote in line for quote in quotes for line in lines[other.start : other.stop]):
            if section_tree(lines, range(section.start, other.stop)) is not None:
                return count
            tries += 1
        if tries == _JOINED_SECTIONS:
            return None
    return None
