"""The Markdown of tests/literate: every kernel in it, in the editor and for a call; and that the comments there are really compared."""

from __future__ import annotations

from pathlib import Path

import pytest

from helion.diagnostics import catalog
from helion.diagnostics.diagnostic import Diagnostic
from tests.literate import Block, blocks_of, check_block

BLOCKS = [
    b for path in sorted((Path(__file__).parent / "literate").glob("*.md")) for b in blocks_of(path, path.read_text(encoding="utf-8"))
]
CHECKED = (
    "names",
    "shapes",
    "products",
    "indexing",
    "arguments",
    "tunables",
    "tiles",
    "loops",
    "python",
    "decorator",
    "config",
    "environment",
)
ELSEWHERE = {
    "unsupported-torch-call": "found by lowering",
    "breakpoint-needs-interpreter": "depends on the process",
    "index-type-too-small": "needs a setting and a large argument",
    "offset-too-large": "needs a setting and a large argument",
}


@pytest.mark.parametrize("block", BLOCKS, ids=lambda b: f"{b.path.stem}:{b.line}-{b.heading}")
def test_block(block: Block) -> None:
    assert list(check_block(block)) == []


@pytest.mark.parametrize("cls", [c for c in catalog.ALL if c.__module__.rpartition(".")[2] in CHECKED], ids=lambda c: c.code)
def test_every_diagnostic_of_the_checker_is_shown(cls: type[Diagnostic]) -> None:
    """The one who adds a diagnostic shows it in tests/literate/errors-*.md."""
    shown = any(e.code == cls.code for block in BLOCKS for e in block.expectations)
    assert shown != (cls.code in ELSEWHERE)


KERNEL = """@helion.kernel
def kernel(x: torch.Tensor):
    m, n = x.size()
    for tile in hl.tile(m):
        v = x[tile, :]
        x[tile, :] = v
"""


def problems(old: str, new: str, info: str = "") -> list[str]:
    text = f"# Title\n\n```python{info}\n{KERNEL.replace(old, new)}```\n"
    return [p for block in blocks_of(Path("t.md"), text) for p in check_block(block)]


def test_what_is_right_passes() -> None:
    assert problems("v = x[tile, :]", "v = x[tile, :]  # revealed: ?[tile, n]") == []
    assert problems("v = x[tile, :]", "v = y[tile, :]  # error: [undefined-name]") == []


def test_a_wrong_type_fails() -> None:
    assert problems("v = x[tile, :]", "v = x[tile, :]  # revealed: f32[tile, m]") == [
        "t.md:8 (editor), `v = x[tile, :]  # revealed: f32[tile, m]`: revealed '?[tile, n]', expected 'f32[tile, m]'"
    ]


def test_a_missing_error_fails() -> None:
    (problem,) = problems("v = x[tile, :]", "v = x[tile, :]  # error: [undefined-name]")
    assert problem.startswith("t.md:8 (editor)")
    assert problem.endswith("no [undefined-name] ")


def test_an_unexpected_error_fails() -> None:
    (problem,) = problems("v = x[tile, :]", "v = y[tile, :]")
    assert problem.endswith("unexpected [undefined-name] `y` is not defined")


def test_an_error_with_other_words_fails() -> None:
    assert len(problems("v = x[tile, :]", 'v = y[tile, :]  # error: [undefined-name] "`z`"')) == 2
    assert problems("v = x[tile, :]", 'v = y[tile, :]  # error: [undefined-name] "`y`"') == []


def test_both_uses_are_compared() -> None:
    info = ' args="f32[128,64]"'
    comment = "# revealed: ?[tile, n]\n        # revealed[jit]: f32[tile, 64]\n        v = x[tile, :]"
    assert problems("v = x[tile, :]", comment, info) == []
    assert len(problems("v = x[tile, :]", comment.replace("64", "65"), info)) == 1
    assert len(problems("v = x[tile, :]", comment.replace("?[tile, n]", "?[tile, m]"), info)) == 1


def test_arguments_that_cannot_be_are_noticed() -> None:
    (problem, *_) = problems("None", "None", ' args="f32[4]"')
    assert "unexpected" in problem or "not what its text leads to expect" in problem


@pytest.mark.parametrize("comment", ["# error: [no-such-code]", "# error: rank-mismatch", "# revealed[jitt]: f32[]"])
def test_a_comment_that_says_nothing_fails(comment: str) -> None:
    with pytest.raises(ValueError, match="no such"):
        problems("v = x[tile, :]", f"v = x[tile, :]  {comment}")


def test_a_fence_that_says_nothing_fails() -> None:
    with pytest.raises(ValueError, match="cannot read"):
        problems("", "", " arguments=1")
