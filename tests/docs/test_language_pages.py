"""The reference of the language: every public name is there, and every example checks without an error."""

from __future__ import annotations

import re

import pytest
from click import Context

import helion
import helion.language as hl
from docs.api_page import api_page
from docs.commands_page import commands_page
from docs.diagnostic_pages import findings
from docs.language_pages import Entry, config_page, entries, language_page
from docs.signatures import signatures
from helion import language
from helion.cli.__main__ import helion as COMMANDS
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


def test_every_name_of_the_package_is_on_the_page() -> None:
    page = api_page()
    shown = re.findall(r"^###? (.+)$|`(helion\.\w+)`", page, re.MULTILINE)
    names = {name for pair in shown for name in pair if name} | {"helion.language", "helion.locks", "helion.runtime"}
    others = {"helion.Kernel": "kernel.bind", "helion.Config": "helion.Config.load", "helion.OutputCodeOptions": "bound.to_code"}
    others |= {"helion.from_cache": "Tuning"}
    assert [n for n in helion.__all__ if f"helion.{n}" not in names and others.get(f"helion.{n}") not in names] == []
    assert "\n\n\n" not in page, "a name without words"


def test_every_command_is_on_the_page() -> None:
    page = commands_page()
    assert [name for name in COMMANDS.list_commands(Context(COMMANDS)) if f"\n## helion {name}\n" not in page] == []
    assert "\n\n\n" not in page, "a command without words"


def test_overloads_defaults_and_marks_are_shown_as_they_are_written() -> None:
    assert signatures("hl.tile", hl.tile).count("hl.tile(") == 2
    assert "sem: str = 'relaxed'" in signatures("hl.atomic_add", hl.atomic_add)

    def f(first_of_many_arguments: int, /, another_with_a_name: int = 1, *, only_by_its_keyword: str = "text", **rest: object) -> None: ...

    shown = [line.strip().rstrip(",") for line in signatures("f", f).split("\n")]
    assert shown == [
        "f(",
        "first_of_many_arguments: int",
        "/",
        "another_with_a_name: int = 1",
        "*",
        "only_by_its_keyword: str = 'text'",
        "**rest: object",
        ") -> None",
    ]
