"""Names of environment variables in any file: what they do on hover, and a word where one is misspelt."""

from __future__ import annotations

import pytest

from helion.source import SourceFile
from helion.syntax.parse import parse_module
from helion_lsp.features.completion import Knowledge, completions
from helion_lsp.features.cursor import cursor_at
from helion_lsp.features.diagnostics import diagnostics
from helion_lsp.features.hover import hover
from helion_lsp.features.place import place_at
from helion_lsp.features.view import View
from helion_lsp.worker.analysis import Analyzer
from helion_lsp.worker.details import Details
from helion_lsp.worker.language_facts import language_facts

TEXT = """\
import os

if os.environ.get("HELION_SHOWS"):
    env = {"HELION_INTERPRET": "1", "HELION_OF_MY_OWN": "1"}
"""


def seen() -> View:
    details = Details().details("run.py", TEXT, {})
    return View(Analyzer().analyse("run.py", TEXT), details=details["kernels"], outside=details["hovers"])


def test_a_misspelt_name_is_said_with_its_fix_and_one_of_the_users_own_is_not() -> None:
    (found,) = diagnostics(seen())
    assert (found["code"], TEXT[slice(*found["span"])]) == ("unknown-variable", "HELION_SHOWS")
    (fix,) = found["fixes"]
    assert [edit[2] for edit in fix["edits"]] == ["HELION_SHOW"]


def test_a_name_is_explained_where_it_stands() -> None:
    found = hover(seen(), TEXT.index("INTERPRET"))
    assert found is not None
    assert TEXT[found[0] : found[1]] == "HELION_INTERPRET"
    assert found[2].startswith("`HELION_INTERPRET` · environment variable\n\nRun kernels as eager torch")


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ('os.environ["HELION_AUTOTUNE_EFFORT"] = "|"', ["none", "quick", "full"]),
        ('monkeypatch.setenv("HELION_INTERPRET", "|', ["1"]),
        ('env = {"HELION_STATIC_SHAPES": "|"}', ["1", "0"]),
        ("os.environ.update(HELION_ON_MISSING='|')", ["tune", "default", "error"]),
        ('os.environ["HELION_CACHE_DIR"] = "|"', []),
        ('print("HELION_X is", "|")', []),
    ],
)
def test_values_are_offered_where_a_variable_is_given_one(text: str, offered: list[str]) -> None:
    offset = text.index("|")
    text = text.replace("|", "")
    module = parse_module(SourceFile("run.py", text))
    items = completions(module, cursor_at(text, offset), place_at(module, offset), Knowledge(language_facts(), None))
    assert [item.label for item in items] == offered


@pytest.mark.parametrize(
    ("text", "is_offered"),
    [
        ('monkeypatch.setenv("HELION_AUTOTUNE_EF', True),
        ('env = {"HELION_AUTOTUNE_EF', True),
        ('env["HELION_AUTOTUNE_EF', True),
        ('print("HELION_AUTOTUNE_EF', False),
        ('["HELION_AUTOTUNE_EF', False),
        ('env = {"a": "HELION_AUTOTUNE_EF', False),
    ],
)
def test_names_are_offered_where_a_string_may_be_one(text: str, is_offered: bool) -> None:
    module = parse_module(SourceFile("run.py", text))
    items = completions(module, cursor_at(text, len(text)), place_at(module, len(text)), Knowledge(language_facts(), None))
    assert ("HELION_AUTOTUNE_EFFORT" in {item.label for item in items}) == is_offered


VALUES = """\
import os

os.environ["HELION_AUTOTUNE_EFFORT"] = "quik"
os.environ["HELION_AUTOTUNE_EFFORT"] = "full"
os.environ.setdefault("HELION_PRINT_OUTPUT_CODE", "maybe")
env = {"HELION_AUTOTUNE_BUDGET_SECONDS": "ten", "HELION_AUTOTUNE_LOG_LEVEL": "debug", "HELION_MINE": "x", "HELION_ON_MISSING": ""}
os.environ.update(HELION_AUTOTUNE_PRECOMPILE="spwn")
"""


def test_a_text_that_a_variable_cannot_have_is_said_with_those_that_it_can() -> None:
    found = diagnostics(View(Analyzer().analyse("run.py", VALUES)))
    assert {d["code"] for d in found} == {"variable-value"}
    assert [VALUES[slice(*d["span"])] for d in found] == ["quik", "maybe", "ten", "spwn"]
    assert [[edit[2] for fix in d["fixes"] for edit in fix["edits"]] for d in found] == [["quick"], ["1", "0"], [], ["spawn"]]
