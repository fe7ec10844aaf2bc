"""Every example of every codemod: what comes out, that a second run changes nothing, and that formatters leave it as it is."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from helion_codemods.catalog import CODEMODS
from helion_codemods.outcome import Example, Refused, Rewritten
from tests.codemods.formatters import FORMATTERS, formatted

EVERY = [pytest.param(name, e, id=f"{name}: {e.title}") for name, codemod in CODEMODS.items() for e in codemod.examples]
REWRITTEN = [case for case in EVERY if case.values[1].after is not None]  # type: ignore[union-attr]


def run(name: str, text: str, options: Any) -> Rewritten | Refused:
    return CODEMODS[name].run(text, **options)


@pytest.mark.parametrize(("name", "example"), EVERY)
def test_example(name: str, example: Example) -> None:
    outcome = run(name, example.before, example.options)
    if example.refused is not None:
        assert outcome == Refused(example.refused)
        return
    assert isinstance(outcome, Rewritten), outcome
    assert outcome.text == example.after
    ast.parse(outcome.text)


@pytest.mark.parametrize(("name", "example"), REWRITTEN)
def test_a_second_run_changes_nothing(name: str, example: Example) -> None:
    assert example.after is not None
    outcome = run(name, example.after, example.options)
    assert isinstance(outcome, Refused) or outcome.text == example.after


@pytest.mark.parametrize("formatter", FORMATTERS)
@pytest.mark.parametrize(("name", "example"), REWRITTEN)
def test_formatters_leave_it(name: str, example: Example, formatter: str) -> None:
    assert example.after is not None
    assert formatted(example.before, formatter) == example.before or "aligned to the bracket" in example.title
    assert formatted(example.after, formatter) == example.after


@pytest.mark.parametrize("newline", ["\r\n", "\r"])
@pytest.mark.parametrize(("name", "example"), REWRITTEN)
def test_line_ends_stay(name: str, example: Example, newline: str) -> None:
    assert example.after is not None
    outcome = run(name, example.before.replace("\n", newline), example.options)
    assert isinstance(outcome, Rewritten)
    assert outcome.text == example.after.replace("\n", newline)
