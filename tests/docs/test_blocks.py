"""Every Python and shell block of the manual and the README does what it says, or says why it is not run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.blocks import EXECUTED, blocks_of, problems

ROOT = Path(__file__).parents[2]
# Pages written from the code, and what tries their examples.
TRIED_ELSEWHERE = {
    "docs/language.md": "tests/docs/test_language_pages.py",
    "docs/codemods.md": "tests/codemods",
    **{f"docs/diagnostics/{path.name}": "tests/docs/test_diagnostic_pages.py" for path in (ROOT / "docs" / "diagnostics").glob("*.md")},
}
PAGES = [str(path.relative_to(ROOT)) for path in sorted((ROOT / "docs").rglob("*.md"))] + ["README.md", "CONTRIBUTING.md"]
WITH_BLOCKS = [
    page
    for page in PAGES
    if page not in TRIED_ELSEWHERE and any(b.language in EXECUTED for b in blocks_of(page, (ROOT / page).read_text(encoding="utf-8")))
]


@pytest.mark.parametrize("page", WITH_BLOCKS)
def test_page(page: str, tmp_path: Path) -> None:
    assert list(problems(blocks_of(page, (ROOT / page).read_text(encoding="utf-8")), tmp_path)) == []


def test_what_is_tried_elsewhere_exists() -> None:
    assert [name for pair in TRIED_ELSEWHERE.items() for name in pair if not (ROOT / name).exists()] == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("```python\nassert False\n```\n", "exited with 1"),
        ("```bash\nfalse\ntrue\n```\n", "exited with 1"),
        ("```console\n$ echo one\ntwo\n```\n", "printed\none"),
        ("<!-- exits with 1 -->\n```console\n$ true\n```\n", "exited with 0 instead of 1"),
        ("```console\necho one\n```\n", "begins with `$ `"),
        ("<!-- part of a kernel -->\n```python\nout[tile_m, tile_n] = x[tile_m, tile_n] + nowhere\n```\n", "`nowhere`"),
    ],
)
def test_a_block_that_does_not_do_what_it_says_is_noticed(text: str, words: str, tmp_path: Path) -> None:
    (problem,) = problems(blocks_of("page.md", text), tmp_path)
    assert problem.startswith("page.md:")
    assert words in problem


def test_a_page_is_followed_in_one_folder(tmp_path: Path) -> None:
    text = "<!-- file: one.py -->\n```python\nx = 1\n```\n\n```console\n$ python -c 'import one; print(one.x); print(2); print(3)'\n1\n...\n```\n"
    assert list(problems(blocks_of("page.md", text), tmp_path)) == []


@pytest.mark.parametrize("mark", ["not run", "not run:", "run elsewhere", "part of a kernel: x"])
def test_a_mark_that_says_nothing_is_an_error(mark: str) -> None:
    with pytest.raises(ValueError, match="cannot read the mark"):
        blocks_of("page.md", f"<!-- {mark} -->\n```python\n```\n")
