"""Links of diagnostics lead to pages that say what is wrong and what is right."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlparse

from helion.diagnostics import catalog
from helion_lsp.front.manual import Manual


def test_every_code_has_a_page_and_nothing_else_has(tmp_path: Path) -> None:
    manual = Manual(lambda: tmp_path)
    for diagnostic in catalog.ALL:
        address = manual.address(diagnostic.code)
        assert address is not None
        text = Path(urlparse(address).path).read_text(encoding="utf-8")
        assert text.startswith(f"# {diagnostic.code}\n")
        assert "Bad:" in text
        assert text.count("```") % 2 == 0
        assert ">>>" not in text
    assert manual.address("analysis-failed") is None
    assert manual.address("decision-mask") is None
