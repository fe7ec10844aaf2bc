"""A config space in, what may be tuned as lines of text out."""

from __future__ import annotations

import math
from collections.abc import Iterator

from helion.config.space import ConfigSpace


def describe_space(space: ConfigSpace, *, verbose: bool = False) -> str:
    """How many configs there are and what each key takes; `verbose` lists every place with its default."""
    total = math.prod(len(slot.choices) for _, slot in space.slots)
    return "\n".join((f"{len(space.knobs)} keys, {total:.3g} configs", *_lines(space, verbose)))


def _lines(space: ConfigSpace, verbose: bool) -> Iterator[str]:
    for knob in space.knobs:
        places = "one value" if not knob.knob.is_list else f"{len(knob.slots)} places" if len(knob.slots) > 1 else "1 place"
        count = math.prod(len(slot.choices) for slot in knob.slots)
        yield f"    {knob.knob.key}: {places}, {count} choices"
        if verbose:
            yield from (f"        {slot.site}: {slot.default!r} of {list(slot.choices)}" for slot in knob.slots)
