"""A config written in the text and the space of its kernel in, what each of its keys and entries means out."""

from __future__ import annotations

from collections.abc import Iterator

from helion.config.knobs import KNOBS, Knob, Slot
from helion.config.space import ConfigSpace, KnobSlots
from helion.source import SourceFile, Span
from helion.syntax.config_literals import ConfigLiteral
from helion.types.untyped import is_sequence

_MOST_CHOICES = 12


def config_hovers(file: SourceFile, literal: ConfigLiteral, space: ConfigSpace | None) -> Iterator[tuple[Span, str]]:
    """A text for each key, and for each entry of a list; without a space only what holds for every kernel."""
    for key, place in literal.spans.items():
        found = None if space is None else next((k for k in space.knobs if key in (k.knob.key, k.knob.alias)), None)
        knob = found.knob if found is not None else next((k for k in KNOBS if key in (k.key, k.alias)), None)
        if knob is None:
            continue
        value = literal.values.get(key)
        yield place, _of_key(file, key, knob, found, value, has_space=space is not None)
        if found is not None:
            yield from _of_entries(file, key, found, literal.entries.get(key, ()), value)


def _of_key(file: SourceFile, key: str, knob: Knob, found: KnobSlots | None, value: object, *, has_space: bool) -> str:
    alias = f", one entry of `{knob.key}`" if key == knob.alias else ""
    lines = [f"`{key}` · config key{alias}", "", knob.doc]
    if found is None:
        if has_space:
            lines += ["", "This kernel has no place for it."]
        return "\n".join(lines)
    lines.append("")
    if not knob.is_list:
        return "\n".join([*lines, *(f"- {fact}" for fact in _facts(found.slots[0]))])
    given = list(value) if is_sequence(value) and key == knob.key else [value] if value is not None else []
    for position, slot in enumerate(found.slots):
        where = "" if slot.span is None else f", line {file.position(slot.span.start).line + 1}"
        now = f" = `{given[position]!r}`" if position < len(given) else " = default"
        allowed = slot.allowed.removeprefix("it ")
        lines.append(f"- `[{position}]`{now} · `{slot.site}`{where}; {allowed}; default `{slot.default!r}`")
    return "\n".join(lines)


def _of_entries(file: SourceFile, key: str, found: KnobSlots, places: tuple[Span, ...], value: object) -> Iterator[tuple[Span, str]]:
    """The site that each entry controls, by the position that it stands at."""
    if not found.knob.is_list:
        if places:
            yield places[0], "\n".join([f"`{key}`", "", *(f"- {fact}" for fact in _facts(found.slots[0]))])
        return
    if found.knob.spreads and not is_sequence(value) and places:
        sites = ", ".join(f"`{slot.site}`" for slot in found.slots)
        yield places[0], f"`{key}` · for every site\n\n- {sites}"
        return
    for position, (place, slot) in enumerate(zip(places, found.slots, strict=False)):
        where = "" if slot.span is None else f", line {file.position(slot.span.start).line + 1}"
        head = f"`{found.knob.key}[{position}]` · `{slot.site}`{where}"
        yield place, "\n".join([head, "", *(f"- {fact}" for fact in _facts(slot))])


def _facts(slot: Slot) -> Iterator[str]:
    yield slot.allowed
    yield f"default `{slot.default!r}`"
    if len(slot.choices) > 1:
        shown = ", ".join(f"`{choice!r}`" for choice in slot.choices[:_MOST_CHOICES])
        yield f"tuning tries {shown}{', …' if len(slot.choices) > _MOST_CHOICES else ''}"
