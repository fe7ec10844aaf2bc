"""The worker's half, in this process: truncated and edited texts, what is checked again, and life without triton."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from helion_lsp.worker.analysis import Analyzer

EXAMPLES = Path(__file__).parents[2] / "examples"
MATMUL = (EXAMPLES / "matmul.py").read_text(encoding="utf-8")


def checked(analyzer: Analyzer, text: str) -> tuple[dict[str, Any], int]:
    keys: list[str] = []
    return analyzer.analyse("matmul.py", text, (), keys.append), len(keys)


def hover_of(analysis: dict[str, Any], text: str, words: str) -> str:
    offset = text.index(words)
    kernel = next(k for k in analysis["kernels"] if 0 <= offset - k["start"] <= k["length"])
    found = [h for h in kernel["hovers"] if h[0] <= offset - kernel["start"] < h[1]]
    return min(found, key=lambda h: h[1] - h[0])[2]


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.py")), ids=lambda p: p.stem)
def test_truncated_examples_are_answered(path: Path) -> None:
    analyzer = Analyzer()
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines(keepends=True)
    for end in range(len(lines)):
        found = analyzer.analyse(str(path), "".join(lines[:end]))
        assert "analysis-failed" not in [d["code"] for k in found["kernels"] for d in k["diagnostics"]], f"cut at line {end}"
    whole = analyzer.analyse(str(path), text)
    assert [d for k in whole["kernels"] for d in k["diagnostics"]] == []


def test_an_edit_checks_only_its_own_kernel() -> None:
    analyzer = Analyzer()
    assert checked(analyzer, MATMUL)[1] == MATMUL.count("@helion.kernel")
    assert checked(analyzer, MATMUL)[1] == 0
    edited = MATMUL.replace("acc = hl.dot(x[tile_m, tile_k]", "acc = hl.dot(x[tile_m, tile_k, tile_k]", 1)
    analysis, count = checked(analyzer, edited)
    assert count == 1
    assert [[d["code"] for d in k["diagnostics"]] for k in analysis["kernels"]][0] == []
    assert "rank-mismatch" in [d["code"] for d in analysis["kernels"][1]["diagnostics"]]


def test_an_edit_above_within_its_line_only_shifts() -> None:
    analyzer = Analyzer()
    before, _ = checked(analyzer, MATMUL)
    after, count = checked(analyzer, MATMUL.replace('"""Matrix', '"""A Matrix', 1))
    assert [k["hovers"] for k in after["kernels"]] == [k["hovers"] for k in before["kernels"]]
    assert [k["start"] - 2 for k in after["kernels"]] == [k["start"] for k in before["kernels"]]
    assert count == 0


def test_hover_texts() -> None:
    analysis, _ = checked(Analyzer(), MATMUL)
    acc = hover_of(analysis, MATMUL, "acc = hl.zeros")
    assert acc.splitlines()[0] == "`f32[tile_m, tile_n]` · device"
    assert "`block_sizes[0]`" in acc
    assert "lanes of `tile_m` past `m` are masked" in acc
    assert "`4*tile_m*tile_n` bytes a tile" in acc
    assert "from `m, k = x.size()`" in hover_of(analysis, MATMUL, "x: torch.Tensor")
    loop = hover_of(analysis, MATMUL, "for tile_k in")
    assert "in order inside one program" in loop
    assert "`block_sizes[2]`" in loop
    assert hover_of(analysis, MATMUL, "zeros([tile_m").startswith("`hl.zeros`")


def test_quarantined_kernels_are_not_checked() -> None:
    analyzer = Analyzer()
    keys: list[str] = []
    analyzer.analyse("matmul.py", MATMUL, (), keys.append)
    analysis = Analyzer().analyse("matmul.py", MATMUL, keys[:1])
    assert [[d["code"] for d in k["diagnostics"]] for k in analysis["kernels"]][:2] == [["analysis-failed"], []]


LOCKED = """import torch
import helion
import helion.language as hl


@helion.kernel(configs={"sm_90": {"f32[16]": helion.Config(block_sizes=[64])}, "*": helion.Config()})
def copy(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(out.size()):
        out[tile] = x[tile]
    return out
"""


def test_lock_states(tmp_path: Path) -> None:
    path = tmp_path / "copy.py"
    analyzer = Analyzer()

    def state(text: str) -> str:
        return analyzer.analyse(str(path), text)["kernels"][0]["lock"]

    assert state(LOCKED) == "locked: sm_90 (no evidence), *"
    entry = '{"kernel": "copy", "device": "sm_90", "signature": "f32[16]", "estimated": true, "kernel_hash": "old"}'
    path.with_name("copy.py.helion.lock").write_text(f'{{"version": 1, "entries": [{entry}]}}', encoding="utf-8")
    assert state(LOCKED) == "locked: sm_90 (estimated, stale: the kernel changed), *"
    assert state(LOCKED.replace(LOCKED[LOCKED.index("(configs") : LOCKED.index("\ndef")], "", 1)) == "not locked (evidence left of sm_90)"


WITHOUT_TRITON = """
import sys
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "triton":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Blocker())
from helion_lsp.worker.answers import Requests
text = open(sys.argv[1], encoding="utf-8").read()
requests = Requests()
ask = lambda method, **params: requests.answer({"method": method, "path": sys.argv[1], "text": text, "params": params}, print)
analysis = ask("analyse")
assert not any(k["diagnostics"] for k in analysis["kernels"]), analysis
assert any("f32[tile_m, tile_n]" in h[2] for h in analysis["kernels"][0]["hovers"])
assert "tl.dot(" in ask("preview", kernel="matmul", kind="triton")["text"]
assert "triton is not installed" in ask("preview", kernel="matmul", kind="ptx")["text"]
assert "triton" not in sys.modules
"""


def test_without_triton_all_but_compiling_works() -> None:
    command = [sys.executable, "-c", WITHOUT_TRITON, str(EXAMPLES / "matmul.py")]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


def test_a_lock_that_cannot_be_read_hides_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object) -> str:
        raise RuntimeError("a surprise")

    monkeypatch.setattr("helion_lsp.worker.analysis.lock_state", fail)
    text = MATMUL.replace("hl.tile([m, n])", "hl.tile(m, n)", 1)
    first, *_ = Analyzer().analyse("matmul.py", text)["kernels"]
    assert first["lock"] == "what is locked could not be read"
    assert [d["code"] for d in first["diagnostics"]] == ["failed-to-unpack-tile"]


def test_a_device_region_is_the_whole_loop() -> None:
    kernel = Analyzer().analyse("matmul.py", MATMUL)["kernels"][0]
    ((start, end),) = kernel["loops"]
    text = MATMUL[kernel["start"] + start : kernel["start"] + end]
    assert text.startswith("for tile_m, tile_n in hl.tile([m, n]):")
    assert text.endswith("out[tile_m, tile_n] = acc")
