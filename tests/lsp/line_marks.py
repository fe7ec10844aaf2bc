"""What the editor shows on each line of a text against the marks at the lines' ends, one to one; knows neither pytest nor the protocol.

A word behind ```python says which of these every line of the block is compared for, and with several things on a line ` | ` stands
between them: `lenses` (`# lens: Triton | ...`), `inlay` (`# inlay: tile_m×…`, each after the name it stands behind, all kinds switched
on), `regions` (`# device: KERNEL`, on each line that runs on the device) and `errors` (`# error: shape-mismatch | ...`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from helion.source import SourceFile
from helion_lsp.features.code_lens import code_lenses
from helion_lsp.features.diagnostics import diagnostics
from helion_lsp.features.inlay_hints import inlay_hints
from helion_lsp.features.regions import device_regions
from helion_lsp.features.view import View

_KINDS = frozenset({"shapes", "loops", "specializations", "assumptions"})
_WORD_BEFORE = re.compile(r"\w*$")


def _lenses(view: View, file: SourceFile) -> Iterator[tuple[int, str]]:
    for lens in code_lenses(view, "file:///kernel.py"):
        yield lens.span[0], lens.title


def _inlay(view: View, file: SourceFile) -> Iterator[tuple[int, str]]:
    for offset, label in sorted(inlay_hints(view, 0, len(file.text), _KINDS)):
        before = _WORD_BEFORE.search(file.text, 0, offset)
        yield offset, ((before[0] if before is not None else "") + label).strip()


def _regions(view: View, file: SourceFile) -> Iterator[tuple[int, str]]:
    for kernel, start, end in device_regions(view):
        for line in range(file.position(start).line, file.position(end).line + 1):
            yield file.line_starts[line], kernel


def _errors(view: View, file: SourceFile) -> Iterator[tuple[int, str]]:
    for diagnostic in sorted(diagnostics(view), key=lambda d: d["span"]):
        yield diagnostic["span"][0], diagnostic["code"]


MARKS: Mapping[str, tuple[str, Callable[[View, SourceFile], Iterator[tuple[int, str]]]]] = MappingProxyType(
    {"lenses": ("lens", _lenses), "inlay": ("inlay", _inlay), "regions": ("device", _regions), "errors": ("error", _errors)}
)


def line_problems(where: str, words: frozenset[str], text: str, view: View, file: SourceFile, first: int) -> Iterator[str]:
    """`first` is the line of the file that the block's text begins in."""
    for word, (mark, shown_of) in MARKS.items():
        if word not in words:
            continue
        found: dict[int, list[str]] = {}
        for offset, shown in shown_of(view, file):
            found.setdefault(file.position(offset).line - first, []).append(shown)
        marked = re.compile(rf"# {mark}: (.*?)(?=  # \w+: |$)")
        for number, line in enumerate(text.split("\n")):
            match = marked.search(line)
            shown, wanted = " | ".join(found.get(number, ())), "" if match is None else match[1]
            if shown != wanted:
                yield f"{where}: line {number + 1}, {word} are\n{shown}\nexpected\n{wanted}"
