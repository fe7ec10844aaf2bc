"""Text in, a tree of everything in it that parses out, with what does not: statements are judged one by one, then made to fit together."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field

from helion.diagnostics.catalog.python import SyntaxProblem
from helion.diagnostics.diagnostic import Diagnostic
from helion.source import SourceFile, Span
from helion.syntax.sections import parsed_sections, section_tree, whole_tree
from helion.syntax.stand_ins import CHANGES_REGION, LACKS_BLOCK, parse_lines, problem_of, stand_in
from helion.syntax.statements import Extent, indentation, statements
from helion.syntax.tree import Repair

_LINE_NUMBER = re.compile(r" on line \d+$| \(detected at line \d+\)$")  # of the piece that was parsed, not of the file
_UNPARSABLE = re.compile("[\0\ud800-\udfff]")
_UNPRINTABLE = str.maketrans({"\0": "\x01", **{chr(code): "\ufffd" for code in range(0xD800, 0xE000)}})


@dataclass(frozen=True)
class Repaired:
    """A tree that always is there, with positions of the original text."""

    tree: ast.Module
    diagnostics: tuple[Diagnostic, ...]
    repairs: tuple[Repair, ...]


def parse_with_repair(file: SourceFile) -> Repaired:
    """The text's tree. Of a healthy text only what changed is parsed; of a broken one only the statements that are broken are worked on."""
    lines = file.lines()
    is_plain = file.text.isascii() and "\0" not in file.text  # most texts, and known without looking at them
    if not is_plain and (file.text.startswith("\ufeff") or _UNPARSABLE.search(file.text) is not None):
        lines = [_parsable(line, number) for number, line in enumerate(lines)]
    found = parsed_sections(lines)
    tree = whole_tree(found) or parse_lines(lines)
    if isinstance(tree, ast.Module):
        return Repaired(tree, (), ())
    workbench = _Workbench(file, lines)
    for section, parsed in found:
        if parsed is None:
            workbench.repair(section)
    tree = whole_tree([(section, section_tree(lines, section)) for section, _ in found]) or parse_lines(lines)
    assert isinstance(tree, ast.Module), "sections that parse alone parse together"
    return Repaired(
        tree, tuple(sorted(workbench.diagnostics, key=lambda d: d.span)), tuple(sorted(workbench.repairs, key=lambda r: r.span))
    )


def _parsable(line: str, number: int) -> str:
    """A line as the parser may have it: what it refuses outright, in text as well as in code, becomes something of as many bytes."""
    if number == 0 and line.startswith("\ufeff"):
        line = "\f\f\f" + line[1:]
    return line.translate(_UNPRINTABLE)


@dataclass
class _Workbench:
    """The lines of one file while they are repaired: line numbers stay, so positions of what is kept stay too."""

    file: SourceFile
    lines: list[str]
    diagnostics: list[Diagnostic] = field(default_factory=list[Diagnostic])
    repairs: list[Repair] = field(default_factory=list[Repair])

    def repair(self, section: range) -> None:
        """Makes a section parse: first each statement by itself, then how they stand together."""
        silent = False
        at = section.start
        while (extent := next(statements(self.lines, at, section.stop), None)) is not None:
            problem = problem_of(self.lines, extent)
            if problem is not None:
                if not silent:
                    self._report(problem, extent)
                silent = silent or extent.unclosed_text  # what follows is prose, and not worth a word a line
                self._replace(extent)
            at = extent.last + 1
        self._arrange(section, silent=bool(self.diagnostics) and self.diagnostics[-1].span.start >= self.file.line_starts[section.start])

    def _report(self, problem: SyntaxError, extent: Extent) -> None:
        line = max(extent.first, min((problem.lineno or 1) - 1, extent.last))
        whole = self.file.line_span(line)
        start = min(whole.start + max(0, (problem.offset or 1) - 1), whole.end)
        if start == whole.end or problem.offset is None:
            text = self.file.line_text(line)
            start = whole.start + len(text) - len(text.lstrip())
        found = SyntaxProblem(Span(start, whole.end), _LINE_NUMBER.sub("", problem.msg))
        if not any(known.span == found.span for known in self.diagnostics):
            self.diagnostics.append(found)

    def _replace(self, extent: Extent) -> None:
        """Put something that parses where a broken statement was: a header keeps its block, a decorator its name."""
        text = self._text(extent)
        whole, certain = stand_in(text, extent)
        self._put(extent, [whole], certain=certain)

    def _put(self, extent: Extent, new: list[str], *, certain: bool) -> None:
        size = extent.last - extent.first + 1
        self.lines[extent.first : extent.last + 1] = [*new, *[""] * (size - len(new))]
        text = self.file.line_text(extent.first)
        start = self.file.line_span(extent.first).start + len(text) - len(text.lstrip())
        self.repairs.append(Repair(Span(start, self.file.line_span(extent.last).end), certain))

    def _text(self, extent: Extent) -> str:
        """The statement's code on one line, without comments."""
        parts = [*self.lines[extent.first : extent.last], self.lines[extent.last][: extent.code_end]]
        return "\n".join(parts).rstrip()

    # -- how statements stand together ------------------------------------------------------------------------------

    def _arrange(self, section: range, *, silent: bool) -> None:
        """Mend blocks and indentation. Every round empties a line or fills a block, so it ends.

        Silent after a broken statement: that a block lacks its header, say, is then no news.
        """
        while isinstance(problem := parse_lines(self.lines[section.start : section.stop]), SyntaxError):
            line = section.start + max(0, min((problem.lineno or 1) - 1, len(section) - 1))
            lacks_block = LACKS_BLOCK.search(problem.msg)
            new: list[str] = []
            certain = True
            if lacks_block is not None:
                extent = self._statement_at(section, section.start + int(lacks_block[1]) - 1)
                new = [*self.lines[extent.first : extent.last], self._text(extent).split("\n")[-1] + " pass"]
            elif (guarded := self._lacking_handler(section, line, problem)) is not None:
                extent = guarded
                new = [self.lines[extent.first].replace("try", "if True", 1)]
            elif problem.msg == "unexpected indent":
                extent, certain = self._deeper(section, line), False
            else:
                extent = self._misplaced(section, line)
                certain = not self.lines[extent.first].lstrip().startswith(CHANGES_REGION)
            if not silent:
                self._report(SyntaxError(problem.msg, ("", extent.first + 1, None, "")), extent)
            self._put(extent, new, certain=certain)

    def _misplaced(self, section: range, line: int) -> Extent:
        """The statement at a line that cannot stand there; it is the decorator before it if that decorates nothing."""
        extent = self._statement_at(section, line)
        before = self._statement_at(section, extent.first - 1)
        return before if self.lines[before.first].lstrip().startswith("@") else extent

    def _statement_at(self, section: range, line: int) -> Extent:
        """The last statement that begins at or before a line, or else the first."""
        found = list(statements(self.lines, section.start, section.stop))
        return next((extent for extent in reversed(found) if extent.first <= line), found[0])

    def _lacking_handler(self, section: range, line: int, problem: SyntaxError) -> Extent | None:
        """The `try` that nothing follows."""
        if problem.msg != "expected 'except' or 'finally' block":
            return None
        found = list(statements(self.lines, section.start, line))
        return next((extent for extent in reversed(found) if self.lines[extent.first].strip().startswith("try")), None)

    def _deeper(self, section: range, line: int) -> Extent:
        """The lines from one on that are indented as much as it."""
        depth = len(indentation(self.lines[line]).expandtabs())
        last = line
        for number in range(line, section.stop):
            if self.lines[number].strip():
                if len(indentation(self.lines[number]).expandtabs()) < depth:
                    break
                last = number
        return Extent(line, last)
