"""A document with many kernels is checked a few at a time: what is filled in from before, in what order, and that the end is the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from helion import compiler
from helion.source import SourceFile
from helion_lsp.features.view import TextChange, View
from helion_lsp.front.slices import known_details, known_kernels, whole_analysis, whole_details
from helion_lsp.kernel_keys import kernel_keys
from helion_lsp.worker.analysis import Analyzer
from helion_lsp.worker.details import Details
from helion_lsp.worker.slice import Slice

MATMUL = (Path(__file__).parents[2] / "examples" / "matmul.py").read_text(encoding="utf-8")
PATH = str(Path(__file__).parents[2] / "examples" / "matmul.py")


def analysed_in_parts(text: str, before: dict[str, Any] | None = None, first: int = 0) -> tuple[dict[str, Any], int]:
    """One kernel at a time, as if each took longer than a slice; and how many parts that took."""
    analyzer, parts = Analyzer(), 0
    while before is None or parts == 0 or any(k["pending"] for k in before["kernels"]):
        answer = analyzer.analyse(PATH, text, part=Slice(known_kernels(before), first, seconds=1e-9))
        before = whole_analysis(answer, before)
        parts += 1
    return before, parts


def without_marks(analysis: dict[str, Any]) -> dict[str, Any]:
    return {**analysis, "kernels": [{k: v for k, v in kernel.items() if k not in ("pending", "same")} for kernel in analysis["kernels"]]}


def test_parts_make_the_whole() -> None:
    whole = Analyzer().analyse(PATH, MATMUL)
    found, parts = analysed_in_parts(MATMUL)
    assert parts == len(whole["kernels"]) > 2
    assert without_marks(found) == without_marks(whole)


def test_after_an_edit_the_kernel_at_work_comes_first_and_the_others_keep_what_was_said() -> None:
    before, _ = analysed_in_parts(MATMUL)
    place = MATMUL.index("        out[tile_m, tile_n] = acc")
    text = f"{MATMUL[:place]}        value = undefined\n{MATMUL[place:]}"
    answer = Analyzer().analyse(PATH, text, part=Slice(known_kernels(before), place, seconds=1e-9))
    assert [kernel.get("pending", False) for kernel in answer["kernels"]] == [False, *[True] * (len(answer["kernels"]) - 1)]
    found = whole_analysis(answer, before)
    assert "undefined" in found["kernels"][0]["diagnostics"][0]["message"]
    moved = len(text) - len(MATMUL)
    for now, then in zip(found["kernels"][1:], before["kernels"][1:], strict=True):
        assert now["start"] == then["start"] + moved
        assert now["hovers"] == then["hovers"]
    end, _ = analysed_in_parts(text, found, place)
    assert without_marks(end) == without_marks(Analyzer().analyse(PATH, text))


def test_a_kernel_that_waits_and_was_never_seen_says_nothing() -> None:
    answer = Analyzer().analyse(PATH, MATMUL, part=Slice(seconds=1e-9))
    last = whole_analysis(answer, None)["kernels"][-1]
    assert last["pending"]
    assert last["diagnostics"] == last["hovers"] == last["tokens"] == []
    assert last["length"] > 0


def test_a_kernel_that_waits_keeps_no_fix_that_would_change_text_outside_it() -> None:
    fix = {"title": "Import it", "safe": True, "edits": [[-80, -80, "import torch\n"]]}
    own = {"title": "Change it", "safe": True, "edits": [[4, 8, "y"]]}
    kernel = {"name": "f", "key": "1", "start": 100, "length": 50, "pending": False, "diagnostics": [{"fixes": [fix, own]}]}
    answer = {"diagnostics": [], "kernels": [{"name": "f", "key": "2", "start": 120, "length": 50, "pending": True}]}
    assert whole_analysis(answer, {"kernels": [kernel]})["kernels"][0]["diagnostics"] == [{"fixes": [own]}]
    longer = {"diagnostics": [], "kernels": [{**answer["kernels"][0], "length": 60}]}
    assert whole_analysis(longer, {"kernels": [kernel]})["kernels"][0]["diagnostics"] == []


def test_details_come_in_parts_and_are_sent_once() -> None:
    whole, details = Details().details(PATH, MATMUL, {}), Details()
    found: dict[str, Any] | None = None
    for left in reversed(range(len(whole["kernels"]))):
        answer = details.details(PATH, MATMUL, {}, part=Slice(known_details(found), seconds=1e-9))
        assert len(answer["pending"]) == left
        found = whole_details(answer, found)
    assert found is not None
    assert {k: {**v, "same": None} for k, v in found["kernels"].items()} == {k: {**v, "same": None} for k, v in whole["kernels"].items()}
    again = details.details(PATH, MATMUL, {}, part=Slice(known_details(found)))
    assert all(data.keys() == {"same", "made_for", "doubts"} for data in again["kernels"].values())
    other = details.details(PATH, MATMUL, {"samples": {"matmul": "f32[64,64],f32[64,64]"}}, part=Slice(known_details(found)))
    assert sum("facts" in data for data in other["kernels"].values()) == 1


def test_kernels_are_taken_by_distance() -> None:
    kernels = tuple(kernel_keys(compiler.parse(SourceFile(PATH, MATMUL))))
    last = kernels[-1][0]
    taken = [kernel.name for kernel, _ in Slice(first=last.function.span.end).taken(kernels)]
    assert taken == [kernel.name for kernel, _ in reversed(kernels)]


def test_where_a_view_is_settled() -> None:
    kernels = [{"start": 10, "length": 10, "pending": False, "key": "a"}, {"start": 30, "length": 10, "pending": True, "key": "b"}]
    fresh = View({"kernels": kernels})
    assert fresh.is_settled_at(5)
    assert fresh.is_settled_at(15)
    assert not fresh.is_settled_at(35)
    edited_inside = View({"kernels": kernels}, TextChange(12, 12, 14))
    assert not edited_inside.is_settled_at(13)
    assert not edited_inside.is_settled_at(18)
    assert edited_inside.is_settled_at(5)
    edited_below = View({"kernels": kernels}, TextChange(25, 25, 27))
    assert edited_below.is_settled_at(15)
    assert not edited_below.is_settled_at(26)
