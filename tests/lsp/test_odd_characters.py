"""Texts with characters and line ends that lead counting astray: everything stands at the same words as in the plain text, and fixes fit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from helion.source import SourceFile
from helion_lsp.features.code_lens import code_lenses
from helion_lsp.features.diagnostics import diagnostics
from helion_lsp.features.inlay_hints import inlay_hints
from helion_lsp.features.regions import device_regions
from helion_lsp.features.semantic_tokens import TYPES, tokens
from helion_lsp.features.view import UNCHANGED, View
from helion_lsp.worker.analysis import Analyzer

PLAIN = '''import torch
import helion
import helion.language as hl

WORDS = "before"


@helion.kernel(config=helion.Config(block_sizes=[7], num_warps=64), static_shape=False)
def first(x: torch.Tensor, y: torch.Tensor):
    """What it does."""
    m, n = x.size()
    for tile in hl.tile(m):
        v = x[tile, :].to(torch.float32)
        y[tile] = v.sum(-1)


@helion.kernel
def second(x: torch.Tensor):
    m, n = x.size()
    out = torch.empty_like(x)
    for a in hl.tile(m):
        v = x[a, :]
        low, high = v.chunk(2, -1)
        out[a, :] = v[v > 0]
        out += v
    return v
'''


def _commented(text: str, words: str) -> str:
    lines = text.split("\n")
    return "\n".join(f"{line}  # {words}" if line.strip() and '"' not in line else line for line in lines)


ODD: dict[str, Callable[[str], str]] = {
    "CRLF": lambda text: text.replace("\n", "\r\n"),
    "CR": lambda text: text.replace("\n", "\r"),
    "BOM": lambda text: f"\ufeff{text}",
    "emoji": lambda text: _commented(text.replace("before", "🙂é漢"), "🙂 é 漢"),
    "emoji in docstrings": lambda text: text.replace("What it does.", "👩‍👩‍👧 does 🙂.\n    And more: é."),
    "tabs": lambda text: text.replace("    ", "\t"),
    "form feeds": lambda text: text.replace("\n\n\n@", "\n\x0c\n\n@").replace("x.size()\n", "x.size()  # \x0c\n"),
    "line separators": lambda text: _commented(text.replace("before", "a\u2028b\u2029c\x85d"), "a\u2028b\u2029c\x85d\x0be\x1cf"),
    "no final newline": str.rstrip,
    "all at once": lambda text: ("\ufeff" + _commented(text, "🙂\u2028\x0c")).rstrip().replace("\n", "\r\n"),
}


def found_in(text: str) -> Iterator[tuple[Any, ...]]:
    """Everything that is said, by the words it is said of."""
    analysis = Analyzer().analyse("odd.py", text)
    view = View(analysis, UNCHANGED)

    def words(start: int, end: int) -> str:
        lines = SourceFile("odd.py", text).text[start:end].replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    ").split("\n")
        return "\n".join(line.partition("  #")[0] for line in lines)

    for kernel in view.kernels():
        yield "kernel", kernel["name"], words(kernel["start"] + kernel["name_span"][0], kernel["start"] + kernel["name_span"][1])
        for first, last, text_of_hover in kernel["hovers"]:
            yield "hover", words(kernel["start"] + first, kernel["start"] + last), text_of_hover.split("\n", 1)[0]
    for d in diagnostics(view):
        notes = tuple(words(*n["span"]) for n in d["notes"] if n["span"] is not None)
        fixes = tuple((f["title"], tuple((words(s, e), new.strip()) for s, e, new in f["edits"])) for f in d["fixes"])
        yield "diagnostic", d["code"], words(*d["span"]), notes, fixes
    for token in tokens(view):
        yield "token", TYPES[token.type], words(token.start, token.end)
    for offset, label in inlay_hints(view, 0, len(text), frozenset({"shapes", "assumptions"})):
        yield "hint", words(max(0, offset - 1), offset), label
    for kernel, start, end in device_regions(view):
        yield "region", kernel, words(start, end).rstrip()
    for lens in code_lenses(view, "file:///odd.py"):
        yield "lens", lens.title.partition("\n")[0], words(*lens.span)


@pytest.mark.parametrize("name", ODD)
def test_all_stands_at_the_same_words(name: str) -> None:
    odd = ODD[name](PLAIN)
    assert odd != PLAIN
    assert list(found_in(odd)) == list(found_in(PLAIN))


@pytest.mark.parametrize("name", ODD)
def test_a_fix_changes_what_it_says(name: str) -> None:
    text = ODD[name](PLAIN)
    view = View(Analyzer().analyse("odd.py", text), UNCHANGED)
    (problem,) = [d for d in diagnostics(view) if d["code"] == "unknown-setting"]
    ((start, end, new),) = problem["fixes"][0]["edits"]
    fixed = text[:start] + new + text[end:]
    assert fixed == text.replace("static_shape=", "static_shapes=")
