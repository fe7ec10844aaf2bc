"""The codemods' descriptions and examples in, their page of the manual out: each example is a test as well."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Iterator, Mapping
from typing import Any

from helion_codemods.catalog import CODEMODS, Codemod
from helion_codemods.outcome import Example

_INTRODUCTION = """\
# Codemods

Changes of source text that keep everything else to the letter: comments, quotes, line ends, encoding, permissions. Each is a command
(`helion lock`, ...), a function of `helion_codemods.commands` from text to text, and a request of the editor. What cannot be changed safely
is refused with the reason, and the text stays as it is. What is written is as `ruff format` and `black` leave it, a second run changes
nothing, source and evidence are written as one, and runs at the same time lose nothing of one another.

Commands take files, folders or `FILE::kernel`; kernels of one name are told apart by line, `FILE::f@12`, or counted, `FILE::f#2`.
`--diff` shows the change instead of making it, `--check` exits with 1 when there is one, `--json` prints what became of each kernel. See
[Command line](cli.md) for exit codes."""


def codemods_page() -> str:
    """The manual of all codemods."""
    parts = [_INTRODUCTION, *(part for name, codemod in CODEMODS.items() for part in _codemod(name, codemod))]
    return "\n\n".join(parts) + "\n"


def _codemod(name: str, codemod: Codemod) -> Iterator[str]:
    yield f"## {name}"
    yield codemod.description
    paragraphs = (inspect.getdoc(codemod.run) or "").split("\n\n")
    yield "\n\n".join(paragraphs)
    for example in codemod.examples:
        yield from _example(example)


def _example(example: Example) -> Iterator[str]:
    yield f"### {example.title[0].upper()}{example.title[1:]}"
    options = {key: value for key, value in example.options.items() if key != "kernel"}
    if options:
        yield f"With {_options(options)}:"
    if example.refused is not None:
        yield f"```python\n{example.before}```"
        yield f"Refused: {example.refused}."
    elif example.before == example.after:
        yield f"```python\n{example.before}```"
        yield "Nothing is changed."
    else:
        assert example.after is not None
        lines = list(difflib.unified_diff(example.before.splitlines(), example.after.splitlines(), lineterm="", n=100))[3:]
        yield "```diff\n" + "\n".join(line.rstrip() if line.strip() else "" for line in lines) + "\n```"


def _options(options: Mapping[str, Any]) -> str:
    return ", ".join(f"`{key}={_plain(value)!r}`" for key, value in options.items())


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else value
