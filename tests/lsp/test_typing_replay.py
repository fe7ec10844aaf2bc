"""Typing: texts that grow as people type them never break the server's parts, and end where a fresh open does."""

from __future__ import annotations

import itertools
import random
from pathlib import Path

import pytest
from lsprotocol import types as lsp

from helion.source import SourceFile
from helion.syntax.parse import parse_module
from helion_lsp.features.code_actions import assert_assumptions, quick_fixes
from helion_lsp.features.code_lens import code_lenses
from helion_lsp.features.diagnostics import decisions, diagnostics
from helion_lsp.features.hover import hover
from helion_lsp.features.inlay_hints import inlay_hints, wanted_kinds
from helion_lsp.features.view import TextChange, View
from helion_lsp.front.protocol import Columns
from helion_lsp.worker.analysis import Analyzer
from helion_lsp.worker.details import Details

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.py"))
CORPUS = [*EXAMPLES, *(Path(__file__).with_name(f"{name}_kernels.py") for name in ("valid", "stranger"))]
ALL_HINTS = wanted_kinds({"shapes": True, "loops": True, "specializations": True})
_STEPS = 12
SMALL = """import torch
import helion
import helion.language as hl


@helion.kernel(config=helion.Config(block_sizes=[16], num_warps=2))
def scale(x: torch.Tensor, f: float) -> torch.Tensor:
    n, d = x.size()
    out = torch.empty_like(x)  # "é😀"
    for t in hl.tile(n):
        out[t, :] = x[t, :] * f
    return out
"""


def typed(file: SourceFile, offset: int, new: str, encoding: lsp.PositionEncodingKind) -> SourceFile:
    """The document after one edit, as the client would send it."""
    columns = Columns(encoding)
    place = columns.position_of(file, offset)
    change = lsp.TextDocumentContentChangePartial(range=lsp.Range(place, place), text=new)
    return columns.applied(file, [change])


def ask_everything(view: View, text: str, rng: random.Random) -> None:
    """Every feature at some places; what they give lies within the text."""
    for _ in range(4):
        offset = rng.randrange(len(text) + 1)
        found = hover(view, offset)
        assert found is None or 0 <= found[0] <= found[1] <= len(text)
        assert all(0 <= fix.edits[0][0] <= fix.edits[0][1] <= len(text) for fix in quick_fixes(view, offset, offset) if fix.edits)
    for diagnostic in (*diagnostics(view), *decisions(view)):
        assert 0 <= diagnostic["span"][0] <= diagnostic["span"][1] <= len(text)
    assert all(0 <= offset <= len(text) for offset, _ in inlay_hints(view, 0, len(text), ALL_HINTS))
    assert all(lens.title for lens in code_lenses(view, "file:///a.py"))
    list(assert_assumptions(view, 0, len(text)))


def replay(path: str, text: str, steps: list[str], analyse_every: int) -> None:
    rng, analyzer, details = random.Random(0), Analyzer(), Details()
    encoding = rng.choice(list(lsp.PositionEncodingKind))
    file, model = SourceFile(path, ""), ""
    analysis, known, seen = analyzer.analyse(path, ""), details.details(path, "", {}), ""
    for number, piece in enumerate(steps):
        file = typed(file, len(file.text), piece, encoding)
        model += piece
        assert file.text == model
        parse_module(file)
        ask_everything(View(analysis, TextChange.between(seen, file.text), known["kernels"]), file.text, rng)
        if number % analyse_every == 0 or number == len(steps) - 1:
            seen = file.text
            analysis, known = analyzer.analyse(path, seen), details.details(path, seen, {})
            codes = [d["code"] for k in analysis["kernels"] for d in k["diagnostics"]]
            assert "analysis-failed" not in codes, f"after {seen[-60:]!r}"
            ask_everything(View(analysis, details=known["kernels"], outside=known["hovers"]), seen, rng)
    assert file.text == text
    fresh = Analyzer().analyse(path, text)
    assert [k["diagnostics"] for k in analysis["kernels"]] == [k["diagnostics"] for k in fresh["kernels"]]
    assert [k["hovers"] for k in analysis["kernels"]] == [k["hovers"] for k in fresh["kernels"]]
    assert known == Details().details(path, text, {})


def test_a_kernel_typed_character_by_character() -> None:
    replay("scale.py", SMALL, list(SMALL), 1)


@pytest.mark.parametrize("path", CORPUS, ids=lambda p: p.stem)
def test_examples_typed_in_pieces(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    cuts = sorted({0, len(text), *random.Random(path.name).sample(range(len(text)), _STEPS)})
    replay(str(path), text, [text[a:b] for a, b in itertools.pairwise(cuts)], 3)


@pytest.mark.parametrize("ending", ["\r\n", "\r"])
def test_other_line_endings_and_marks_change_nothing(ending: str) -> None:
    plain = Analyzer().analyse("scale.py", SMALL)
    text = "\ufeff" + SMALL.replace("# ", "#\f\u2028\t ").replace("\n", ending).rstrip()
    other = Analyzer().analyse("scale.py", text)
    assert [len(k["diagnostics"]) for k in other["kernels"]] == [0]
    assert len(other["kernels"][0]["hovers"]) == len(plain["kernels"][0]["hovers"])
    offset = text.index("x[t, :] * f") + len("x[t, :] * ")
    found = hover(View(other), offset)
    assert found is not None
    assert text[found[0] : found[1]] == "f"
