"""Configs as source text: short ones on one line, long ones a key a line with trailing commas, as ruff format and black leave them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from helion.types.untyped import is_mapping, is_sequence

# The narrowest of usual line lengths: what is exploded for it carries trailing commas, which formatters with longer lines keep.
WIDTH = 79


@dataclass(frozen=True)
class Style:
    """How a file is written: one step of indentation, and the quote of its strings."""

    unit: str = "    "
    quote: str = '"'

    def literal(self, value: object) -> str:
        """A config value as Python text."""
        if isinstance(value, str):
            return self._string(value)
        if is_mapping(value):
            return "{" + ", ".join(f"{self.literal(key)}: {self.literal(item)}" for key, item in value.items()) + "}"
        if is_sequence(value):
            return "[" + ", ".join(self.literal(item) for item in value) + "]"
        return repr(value)

    def _string(self, value: str) -> str:
        """Quoted as formatters do: by the other quote where that saves escapes. Control characters are escaped."""
        other = "'" if self.quote == '"' else '"'
        quote = other if value.count(self.quote) > value.count(other) else self.quote
        escaped = value.replace("\\", "\\\\").replace(quote, f"\\{quote}")
        return quote + "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in escaped) + quote

    def entry(self, spelling: Spelling, key: str, value: object, indent: str) -> str:
        """One key of a config, alone on its line and with a comma behind it."""
        flat = self._flat(spelling, key, value)
        if len(indent) + len(flat) + 1 <= WIDTH or not is_sequence(value) or not value:
            return flat
        inner = indent + self.unit
        opening = flat[: len(flat) - len(self.literal(value)) + 1]
        return f"{opening}\n" + "".join(f"{inner}{self.literal(item)},\n" for item in value) + f"{indent}]"

    def _flat(self, spelling: Spelling, key: str, value: object) -> str:
        return f"{key}={self.literal(value)}" if spelling.is_call else f"{self.literal(key)}: {self.literal(value)}"

    def config(self, spelling: Spelling, config: Mapping[str, object], indent: str, lead: int, *, explode: bool = True) -> str:
        """`helion.Config(...)` behind `lead` characters of a line of `indent`, with a comma to follow; over several lines only when it
        may `explode`."""
        flat = f"{spelling.opening}{', '.join(self._flat(spelling, key, value) for key, value in config.items())}{spelling.closing}"
        if not explode or not config or lead + len(flat) + 1 <= WIDTH:
            return flat
        inner = indent + self.unit
        lines = "".join(f"{inner}{self.entry(spelling, key, value, inner)},\n" for key, value in config.items())
        return f"{spelling.opening}\n{lines}{indent}{spelling.closing}"


@dataclass(frozen=True)
class Spelling:
    """How a config is written: `helion.Config(` ... `)`, `dict(` ... `)`, or `{` ... `}`."""

    opening: str
    closing: str = ")"

    @property
    def is_call(self) -> bool:
        return self.closing == ")"
