"""The Markdown of tests/lsp/literate, and that its marks are really compared."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lsp.marks import Block, blocks_of, check_block

FOLDER = Path(__file__).parent / "literate"
BLOCKS = [block for path in sorted(FOLDER.glob("*.md")) for block in blocks_of(path)]


@pytest.mark.parametrize("block", BLOCKS, ids=lambda b: b.where)
def test_block(block: Block) -> None:
    assert list(check_block(block)) == []


KERNEL = """@helion.kernel
def copy(x: torch.Tensor):
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        out[tile] = x[tile]
    return out
"""


def problems(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "t.md"
    path.write_text(text, encoding="utf-8")
    return [problem for block in blocks_of(path) for problem in check_block(block)]


def test_a_wrong_definition_fails(tmp_path: Path) -> None:
    marked = KERNEL.replace("hl.tile(x.size(0)):\n", "hl.tile(x.size(0)):\n    #   ^^^^ [loop]\n")
    right = marked.replace("= x[tile]\n", "= x[tile]\n        #             ^^^^ [use] -> [loop]\n")
    assert problems(tmp_path, f"```python\n{right}```\n") == []
    (problem,) = problems(tmp_path, f"```python\n{right.replace('-> [loop]', '-> [use]')}```\n")
    assert "expected ['use']" in problem


def test_a_token_without_a_mark_fails(tmp_path: Path) -> None:
    assert len(problems(tmp_path, f"```python tokens\n{KERNEL}```\n")) == 5


def test_a_completion_that_is_not_listed_fails(tmp_path: Path) -> None:
    cursor = KERNEL.replace("= x[tile]", "= x[tile.$0]")
    (problem,) = problems(tmp_path, f"```python\n{KERNEL}```\n\n```python\n{cursor}```\n\n```completions\nindex\n```\n")
    assert "begin" in problem
    assert problems(tmp_path, f"```python\n{KERNEL}```\n\n```python\n{cursor}```\n\n```offers\nindex\n!zeros\n```\n") == []
    assert len(problems(tmp_path, f"```python\n{cursor}```\n\n```offers\nzeros\n!index\n```\n")) == 2


def test_a_line_without_its_mark_fails_and_so_does_a_mark_without_its_line(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, f"```python regions\n{KERNEL.replace('(0)):', '(0)):  # device: copy')}```\n")
    assert "line 5, regions are\ncopy\nexpected" in problem
    wrong = KERNEL.replace("x[tile]", "x[tile] + missing")
    (problem,) = problems(tmp_path, f"```python errors\n{wrong}```\n")
    assert "undefined-name" in problem
    (problem,) = problems(tmp_path, f"```python errors\n{KERNEL.replace('return out', 'return out  # error: undefined-name')}```\n")
    assert problem.endswith("expected\nundefined-name")
    assert len(problems(tmp_path, f"```python lenses\n{KERNEL}```\n")) == 1


def test_a_fix_that_is_not_shown_fails_and_so_does_one_that_is_not_there(tmp_path: Path) -> None:
    wrong = KERNEL.replace("hl.tile(", "hl.tiles(")
    right = "Change to `tile`\n-    for tile in hl.tiles(x.size(0)):\n+    for tile in hl.tile(x.size(0)):"
    assert problems(tmp_path, f"```python\n{wrong}```\n\n```fixed\n{right}\n```\n") == []
    assert len(problems(tmp_path, f"```python\n{wrong}```\n\n```fixed\nAnother\n```\n")) == 2


def test_another_signature_fails(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, f"```python\n{KERNEL}```\n\n```signatures\ncall: f32[4]\n```\n")
    assert "inferred" in problem
