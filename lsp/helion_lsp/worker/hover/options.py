"""A kernel's decorator in, hovers of its keywords out: what each does, what it may be, what else sets it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from helion.source import Span
from helion.syntax.decorator_options import Option, options, options_of_settings
from helion.syntax.tree import KernelSyntax
from helion_lsp.worker.language_facts import decorator_options, setting_options


def option_hovers(kernel: KernelSyntax) -> Iterator[tuple[Span, str]]:
    """At the names of keywords, those of a `helion.Settings(...)` among them."""
    for option in _every_option(kernel):
        known = _known().get(option.name)
        if known is not None:
            yield option.name_span, _text(known)


def _every_option(kernel: KernelSyntax) -> Iterator[Option]:
    for option in options(kernel):
        yield option
        if option.name == "settings":
            yield from options_of_settings(kernel, option.value)


def _text(option: Mapping[str, Any]) -> str:
    kind = "setting" if "variable" in option else "option of the decorator"
    facts = [f"- `{option['type']}`, default `{option['default']}`"] if option["default"] else []
    values = ", ".join(f"`{value}`" for value in option["values"] if "$" not in value)
    facts += [f"- values: {values}"] if values else []
    facts += [f"- where the decorator does not give it: the variable `{option['variable']}`"] if option.get("variable") else []
    return "\n".join([f"`{option['name']}` · {kind}", "", option["doc"], *(["", *facts] if facts else [])])


@cache
def _known() -> dict[str, dict[str, Any]]:
    return {option["name"]: option for option in (*decorator_options(), *setting_options())}
