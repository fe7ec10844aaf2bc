"""Commands that diagnostics and manual pages name exist, with the options that they are named with."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from helion.cli.__main__ import helion
from tests.docs.test_diagnostic_pages import PAGES

ROOT = Path(__file__).parents[2]
_QUOTED = re.compile(r"`(helion [a-z][^`\n]*)`")
_LINE = re.compile(r"^(?:\$|#|- run:)\s*(?:HELION_\w+=\S+ )?(helion [a-z][^#;\n]*)", re.MULTILINE)


def commands() -> Iterator[tuple[str, str]]:
    """Where a command is named, and its words."""
    for page in PAGES:
        for text in (page.text, page.bad, page.good):
            yield from ((page.cls.code, found.partition(", ")[0]) for found in (*_QUOTED.findall(text), *_LINE.findall(text)))
    for path in sorted((ROOT / "docs").rglob("*.md")):
        text = path.read_text(encoding="utf-8")
        yield from ((path.name, found) for found in (*_QUOTED.findall(text), *_LINE.findall(text)))
    for path in sorted((ROOT / "helion").rglob("*.py")):
        if path.name != "__init__.py" and "catalog" in path.parts:
            yield from ((path.name, found) for found in _QUOTED.findall(path.read_text(encoding="utf-8")))


def problem_of(text: str) -> str | None:
    """What is wrong with a command; placeholders in capitals stand for anything."""
    try:
        words = shlex.split(text)[1:]
    except ValueError:
        return None  # an ellipsis of a quotation, whose start is named in full elsewhere
    group: click.Command = helion
    context = click.Context(helion)
    while isinstance(group, click.Group) and words:
        found = group.get_command(context, words[0])
        if found is None:
            return None if words[0].isupper() else f"there is no `{words[0]}`"
        group, words = found, words[1:]
    known = {name for parameter in group.params for name in (*parameter.opts, *parameter.secondary_opts)} | {"--help", "-h"}
    wrong = [word for word in words if word.startswith("--") and word != "--" and word.partition("=")[0] not in known]
    choices = [(p, words[words.index(o) + 1]) for p in group.params for o in p.opts if o in words[:-1] and isinstance(p.type, click.Choice)]
    for parameter, value in choices:
        if not value.isupper():
            parameter.type.convert(value, parameter, context)
    return f"`{group.name}` has no {', '.join(wrong)}" if wrong else None


def test_every_command_that_is_named_exists() -> None:
    found = list(commands())
    assert len(found) > 60
    assert [(where, text, problem) for where, text in found if (problem := problem_of(text)) is not None] == []


@pytest.mark.parametrize("text", ["helion refresh run --stale-at information", "helion padlock x.py", "helion refresh nothing"])
def test_one_that_does_not_is_found(text: str) -> None:
    assert problem_of(text) is not None


def test_a_choice_that_does_not_exist_is_found() -> None:
    with pytest.raises(click.BadParameter):
        problem_of("helion refresh check --fail-on broken,nothing kernels/")
    assert problem_of("helion refresh check --fail-on broken,stale kernels/") is None


def test_pages_name_commands() -> None:
    named = {where for where, _ in commands()}
    assert named >= {page.cls.code for page in PAGES if page.topic == "locks"} - {"lock-file-unreadable", "lock-unreachable"}
