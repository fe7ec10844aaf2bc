"""A module in, hovers of the environment variables of ours that its strings name out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from helion.source import Span
from helion.syntax.tree import ModuleSyntax
from helion.typecheck.environment_variables import variables_in
from helion_lsp.worker.language_facts import environment_options


def variable_hovers(module: ModuleSyntax) -> Iterator[tuple[Span, str]]:
    """What each does, and what it may be."""
    for name, span in variables_in(module):
        option = _options().get(name)
        if option is not None:
            yield span, _text(option)


def _text(option: Mapping[str, Any]) -> str:
    lines = [f"`{option['name']}` · environment variable", "", option["doc"]]
    values = ", ".join(f"`{value}`" for value in option["values"])
    facts = [f"- values: {values}"] if values else []
    if option["default"]:
        facts.append(f"- default of the setting: `{option['default']}`")
    return "\n".join([*lines, *(["", *facts] if facts else [])])


@cache
def _options() -> dict[str, dict[str, Any]]:
    return {option["name"]: option for option in environment_options()}
