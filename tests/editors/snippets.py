"""docs/editors.md in, the configuration of an editor that it tells users to write out."""

from __future__ import annotations

from pathlib import Path

from tests.docs.blocks import blocks_of

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "editors.md"
EXAMPLE = ROOT / "examples" / "matmul.py"
BEFORE, MISTAKE = "y[tile_k, tile_n])", "y[tile_n, tile_k])"


def snippet(language: str) -> str:
    """The page's one block of a language."""
    (text,) = [block.text for block in blocks_of(PAGE.name, PAGE.read_text(encoding="utf-8")) if block.language == language]
    return text


def project(folder: Path) -> Path:
    """A project with a copy of the example, which is given."""
    (folder / "pyproject.toml").write_text("[project]\nname = 'kernels'\n", encoding="utf-8")
    copy = folder / "matmul.py"
    copy.write_text(EXAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    return copy
