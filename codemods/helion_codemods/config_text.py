"""Configs as source text: short ones on one line, long ones a key a line with trailing commas, as ruff format and black leave them."""

from __future__ import annotations

from collections.abc import Mapping

from helion.types.untyped import is_sequence

_WIDTH = 88
_STEP = "    "


def literal(value: object) -> str:
    """A config value as Python text with double quotes, as formatters write it."""
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if is_sequence(value):
        return "[" + ", ".join(literal(item) for item in value) + "]"
    return repr(value)


def config_text(name: str, config: Mapping[str, object], indent: str, lead: int) -> str:
    """`helion.Config(...)` standing at `indent` after `lead` characters of its line, with a comma to follow."""
    parts = [f"{key}={literal(value)}" for key, value in config.items()]
    flat = f"{name}({', '.join(parts)})"
    if lead + len(flat) + 1 <= _WIDTH:
        return flat
    inner = indent + _STEP
    return f"{name}(\n" + "".join(f"{inner}{_wrapped(part, inner)},\n" for part in parts) + f"{indent})"


def _wrapped(part: str, indent: str) -> str:
    """A `key=[...]` that is too long for its line, an item a line."""
    key, _, value = part.partition("=")
    if len(indent) + len(part) + 1 <= _WIDTH or not value.startswith("["):
        return part
    items = _items(value[1:-1])
    inner = indent + _STEP
    return f"{key}=[\n" + "".join(f"{inner}{item},\n" for item in items) + f"{indent}]"


def _items(text: str) -> list[str]:
    """The parts between top-level commas."""
    parts, depth, start = list[str](), 0, 0
    for position, char in enumerate(text):
        depth += (char == "[") - (char == "]")
        if char == "," and depth == 0:
            parts.append(text[start:position].strip())
            start = position + 1
    last = text[start:].strip()
    return [*parts, last] if last else parts
