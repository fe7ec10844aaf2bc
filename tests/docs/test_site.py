"""The manual builds as a site, strictly: no link leads nowhere, no page is left out of the navigation unseen, every plot is drawn."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

ROOT = Path(__file__).parents[2]


def test_site_builds(tmp_path: Path) -> None:
    pytest.importorskip("mkdocs")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path / "site")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "site" / "diagnostics" / "rank-mismatch" / "index.html").exists()
    assert not list((tmp_path / "site").rglob("*.py"))
    plots = re.findall(r"\((plots/[^)#]+)#", (ROOT / "docs" / "performance.md").read_text(encoding="utf-8"))
    assert plots
    for plot in plots:
        drawn = ET.parse(tmp_path / "site" / plot).getroot()
        assert len("".join(drawn.itertext()).split()) > 10, f"{plot} has no words"


def test_every_written_page_is_in_the_navigation() -> None:
    """The generated pages are reached from their index."""
    navigation = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    pages = [*(ROOT / "docs").glob("*.md"), *(ROOT / "docs" / "guides").glob("*.md")]
    assert [page for page in pages if f": {page.relative_to(ROOT / 'docs')}\n" not in navigation] == []
