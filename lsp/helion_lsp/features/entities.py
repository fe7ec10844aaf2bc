"""A view of an analysis and the text's syntax in, a kernel's tiles, block sizes, constants and tunables in offsets of the current text out.

Config entries belong to what they control: the n-th of `block_sizes` to the loops that run in blocks of that size.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from helion.source import Span
from helion.syntax.config_literals import ConfigLiteral, config_literals, free_config_literals
from helion.syntax.namesakes import editor_name
from helion.syntax.tree import KernelSyntax, ModuleSyntax
from helion_lsp.features.view import View

BLOCKS = "block_sizes"


@dataclass(frozen=True)
class Entity:
    """`site` is the loop or statement that makes it, `key` and `entry` where it stands in a config."""

    kernel: str
    kind: str
    name: str
    definition: Span
    site: Span
    words: str
    key: str | None
    entry: int | None
    uses: tuple[Span, ...]

    def names_at(self, offset: int) -> Span | None:
        """The place of its name that a cursor is on."""
        return next((span for span in (self.definition, *self.uses) if span.touches(offset)), None)


@dataclass(frozen=True)
class ConfigEntry:
    """One value of one config in the text; `position` is its place in the list of its key."""

    kernel: str
    key: str
    position: int
    span: Span
    key_span: Span


@dataclass(frozen=True)
class Slots:
    """What a kernel can be tuned in, with each place in the current text; nothing where the later stages have not seen the kernel."""

    knobs: Sequence[Mapping[str, Any]]
    start: int

    def places(self, key: str, position: int | None) -> list[Span]:
        """Where an entry acts; with no position, where any does."""
        for knob in self.knobs:
            if key in (knob["key"], knob["alias"]):
                slots = knob["slots"] if position is None or not knob["isList"] else knob["slots"][position : position + 1]
                spans = [Span(self.start + s["span"][0], self.start + s["span"][1]) for s in slots if s["span"] is not None]
                return list(dict.fromkeys(spans))
        return []


def entities_at(view: View, offset: int) -> list[Entity]:
    """Those of the kernel whose text holds an offset."""
    found = view.kernel_at(offset)
    return [] if found is None else list(_entities(view, found[0]))


def entities_of(view: View, kernel: str) -> list[Entity]:
    return [e for data in view.kernels() if data["name"] == kernel for e in _entities(view, data)]


def _entities(view: View, data: Mapping[str, Any]) -> Iterator[Entity]:
    for entity in data.get("entities", ()):
        definition, site = view.span(data, entity["definition"]), view.span(data, entity["site"])
        if definition is None:
            continue
        uses = (view.span(data, use) for use in entity["uses"])
        yield Entity(
            data["name"],
            entity["kind"],
            entity["name"],
            Span(*definition),
            Span(*(site or definition)),
            entity["words"],
            entity["key"],
            entity["entry"],
            tuple(Span(*use) for use in uses if use is not None),
        )


def entries_of(module: ModuleSyntax, kernel: KernelSyntax) -> Iterator[ConfigEntry]:
    """Every entry of every config for a kernel, in its decorator or elsewhere in the file."""
    for literal in config_literals(kernel):
        yield from _entries(kernel, literal)
    if "Config" in module.file.text:
        for literal, user in free_config_literals(module):
            if user is kernel:
                yield from _entries(kernel, literal)


def entry_at(module: ModuleSyntax, offset: int) -> ConfigEntry | None:
    """The entry that a cursor is on; on a key, its first."""
    for kernel in module.every_kernel:
        for entry in entries_of(module, kernel):
            if entry.span.touches(offset) or entry.key_span.touches(offset):
                return entry
    return None


def _entries(kernel: KernelSyntax, literal: ConfigLiteral) -> Iterator[ConfigEntry]:
    for key, spans in literal.entries.items():
        whole = BLOCKS if key == "block_size" else key
        for position, span in enumerate(spans):
            yield ConfigEntry(editor_name(kernel), whole, position, span, literal.spans[key])


def controlled(entities: Sequence[Entity], entry: ConfigEntry) -> list[Entity]:
    """What an entry decides."""
    if entry.key == BLOCKS:
        return [e for e in entities if e.key == BLOCKS and e.entry == entry.position]
    return [e for e in entities if e.kind == "tunable" and e.key == entry.key]


def entries_for(entries: Sequence[ConfigEntry], entity: Entity) -> list[ConfigEntry]:
    """The entries that decide something."""
    if entity.key is None:
        return []
    return [e for e in entries if e.key == entity.key and (entity.entry is None or e.position == entity.entry)]
