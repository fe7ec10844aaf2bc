"""A kernel's config space in, what each key may be and where it acts as plain data out; runs in the worker."""

from __future__ import annotations

import json
from typing import Any

from helion.config.space import ConfigSpace, KnobSlots
from helion.types.untyped import is_sequence
from helion_lsp.worker.plain import relative


def knob_data(name: str, space: ConfigSpace, start: int) -> dict[str, Any]:
    """`{name, knobs}` of a kernel; values are Python text, spans count from the kernel's start, `usual` is the default config's value."""
    usual = space.default().config
    return {
        "name": name,
        "knobs": [
            {
                "key": found.knob.key,
                "alias": found.knob.alias,
                "isList": found.knob.is_list,
                "spreads": found.knob.spreads,
                "slots": [
                    {
                        "site": slot.site,
                        "span": None if slot.span is None else relative(slot.span, start),
                        "default": _text(slot.default),
                        "usual": _text(_entry(usual.get(found.knob.key, slot.default), position, found)),
                        "choices": [_text(choice) for choice in slot.choices],
                        "allowed": slot.allowed.removeprefix("it "),
                    }
                    for position, slot in enumerate(found.slots)
                ],
            }
            for found in space.knobs
        ],
    }


def _entry(value: object, position: int, found: KnobSlots) -> object:
    return value[position] if found.knob.is_list and is_sequence(value) else value


def _text(value: object) -> str:
    """Python with double quotes, as formatters leave it."""
    return json.dumps(value) if isinstance(value, str) else repr(value)
