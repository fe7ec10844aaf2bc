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
