"""A config in, its values slot by slot out, and back: for strategies that recombine configs or learn from them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from helion.autotune.search import SearchSpace
from helion.config.config import Config
from helion.config.knobs import Slot


def slots_of(space: SearchSpace) -> list[Slot]:
    """Every slot, in the order of `values_of`."""
    return [slot for knob in space.knobs for slot in knob.slots]


def values_of(space: SearchSpace, config: Mapping[str, Any]) -> list[Any]:
    """The value in every slot of a normalized config."""
    found: list[Any] = []
    for knob in space.knobs:
        value: Any = config.get(knob.knob.key)
        found.extend(value if knob.knob.is_list else [value])
    return found


def config_of(space: SearchSpace, values: Sequence[Any]) -> Config | None:
    """The config with these values, or None when the space does not admit it."""
    remaining = iter(values)
    config: dict[str, Any] = {}
    for knob in space.knobs:
        drawn = [next(remaining) for _ in knob.slots]
        config[knob.knob.key] = drawn if knob.knob.is_list else drawn[0]
    return space.admit(Config(**config))


def is_scale(slot: Slot) -> bool:
    """Whether a slot's choices are counts, between which there are distances; else they are names."""
    return len(slot.choices) > 2 and all(type(choice) is int for choice in slot.choices)


def moved(slot: Slot, a: Any, b: Any, c: Any) -> Any:
    """`a` moved by the way from `c` to `b`: along a scale by steps; among names to `b`, unless `b` and `c` agree."""
    if not is_scale(slot):
        return a if b == c else b
    scale = scale_of(slot)
    steps = [nearest_step(scale, value) for value in (a, b, c)]
    return scale[min(max(steps[0] + steps[1] - steps[2], 0), len(scale) - 1)]


def scale_of(slot: Slot) -> list[int]:
    """A scale's counts in order."""
    return sorted(choice for choice in slot.choices if isinstance(choice, int))


def nearest_step(scale: Sequence[int], value: int) -> int:
    """The position of a value on a scale, or nearest to it: values that the user gave need not be on it."""
    return min(range(len(scale)), key=lambda index: abs(scale[index] - value))


def numbers_of(space: SearchSpace, config: Mapping[str, Any]) -> list[float]:
    """A config as numbers to learn from: the logarithm of a count, the position of a name among its slot's choices."""
    return [_number(slot, value) for slot, value in zip(slots_of(space), values_of(space, config), strict=True)]


def _number(slot: Slot, value: Any) -> float:
    if is_scale(slot):
        return math.log2(1 + max(0, value))
    return float(slot.choices.index(value)) if value in slot.choices else -1.0
