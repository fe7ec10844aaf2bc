"""The reference of the language: every public name is there, and every example checks without an error."""

from __future__ import annotations

import pytest

from docs.diagnostic_pages import findings
from docs.language_pages import Entry, config_page, entries, language_page
from helion import language
from helion.config.knobs import KNOBS

ENTRIES = list(entries())
# The functions that a tile's attributes stand for, and what is no operation.
WITHOUT_EXAMPLE = {"tile_begin", "tile_block_size", "tile_end", "tile_id", "constexpr", "StackTensor", "Tile"}
NEEDS_MORE = {"triton_kernel": "a Triton function beside the kernel"}


def test_every_public_name_is_on_the_page() -> None:
    page = language_page()
    assert [name for name in language.__all__ if f"\n### hl.{name}\n" not in page] == []
    assert {entry.name for entry in ENTRIES if entry.example is None} == WITHOUT_EXAMPLE
    assert [entry.name for entry in ENTRIES if not entry.text] == []


@pytest.mark.parametrize("entry", [e for e in ENTRIES if e.example is not None], ids=lambda e: e.name)
def test_example(entry: Entry) -> None:
    assert entry.example is not None
    found = [d.message() for d in findings(entry.example)]
    assert bool(found) == (entry.name in NEEDS_MORE), found


def test_every_key_is_on_the_page() -> None:
    page = config_page()
    assert [knob.key for knob in KNOBS if f"\n## {knob.key}\n" not in page] == []
