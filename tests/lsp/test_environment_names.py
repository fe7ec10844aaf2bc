"""Names of environment variables in any file: what they do on hover, and a word where one is misspelt."""

from __future__ import annotations

from helion_lsp.features.diagnostics import diagnostics
from helion_lsp.features.hover import hover
from helion_lsp.features.view import View
from helion_lsp.worker.analysis import Analyzer
from helion_lsp.worker.details import Details

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
