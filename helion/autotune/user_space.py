"""Names and the fragments that users gave them in, a space that every search can search out; knows no kernel."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from helion import exc
from helion.config.config import Config
from helion.config.fragments import Fragment
from helion.config.knobs import Knob, Slot
from helion.config.space import KnobSlots


@dataclass(frozen=True, init=False)
class UserConfigSpec(Mapping[str, Fragment]):
    """What may be tuned of a callable: `UserConfigSpec(chunk=PowerOfTwoFragment(64, 4096), threads=EnumFragment((1, 2, 4)))`, or a mapping
    for names that are no Python names. Raises `exc.InvalidFragment` for what is no fragment, and when there is none."""

    fragments: Mapping[str, Fragment]

    def __init__(self, fragments: Mapping[str, Fragment] | None = None, /, **named: Fragment) -> None:
        given = {**(fragments or {}), **named}
        if not given:
            raise exc.InvalidFragment("UserConfigSpec needs at least one name with a fragment: there is nothing to tune")
        for name, fragment in given.items():
            if not callable(getattr(fragment, "choices", None)) or not callable(getattr(fragment, "pattern_neighbors", None)):
                words = f"`{name}` is {fragment!r}, and must be a fragment of helion.autotuner, such as EnumFragment((1, 2))"
                raise exc.InvalidFragment(words)
        object.__setattr__(self, "fragments", given)

    def __getitem__(self, name: str) -> Fragment:
        return self.fragments[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.fragments)

    def __len__(self) -> int:
        return len(self.fragments)

    def default(self) -> dict[str, Any]:
        """Every fragment's default."""
        return {name: fragment.default() for name, fragment in self.fragments.items()}

    def completed(self, config: Mapping[str, Any]) -> dict[str, Any]:
        """A config with its missing names at their defaults. Raises `exc.InvalidSetting` for unknown names and values."""
        for name, value in config.items():
            if name not in self.fragments:
                raise exc.InvalidSetting(f"there is no `{name}` to tune; there are {', '.join(self.fragments)}")
            if not self.fragments[name].accepts(value):
                raise exc.InvalidSetting(f"`{name}` is {value!r}: {self.fragments[name].allowed()}")
        return {**self.default(), **config}


@dataclass(frozen=True)
class UserSpace:
    """A spec as searches see a space. None is a value like any other here: a `Config` leaves it out, `values` puts it back."""

    spec: UserConfigSpec

    @property
    def knobs(self) -> tuple[KnobSlots, ...]:
        return self._knobs

    @cached_property
    def _knobs(self) -> tuple[KnobSlots, ...]:
        return tuple(_knob(name, fragment) for name, fragment in self.spec.items())

    def values(self, config: Config) -> dict[str, Any]:
        """What the callable is given."""
        return {name: config.get(name) for name in self.spec}

    def default(self) -> Config:
        return Config(**self.spec.default())

    def sample(self, rng: random.Random) -> Config:
        return Config(**{name: fragment.random(rng) for name, fragment in self.spec.items()})

    def neighbours(self, config: Config) -> list[Config]:
        values = self.values(config)
        changed = ((name, other) for name, fragment in self.spec.items() for other in fragment.pattern_neighbors(values[name]))
        found = dict.fromkeys(Config(**{**values, name: other}) for name, other in changed)
        found.pop(config, None)
        return list(found)

    def admit(self, config: Mapping[str, Any]) -> Config | None:
        """None for what is outside of a range, as a step between two configs may be."""
        values = {name: config.get(name) for name in self.spec}
        return Config(**values) if all(fragment.accepts(values[name]) for name, fragment in self.spec.items()) else None


def _knob(name: str, fragment: Fragment) -> KnobSlots:
    slot = Slot(name, None, fragment.default(), fragment.choices(), fragment.accepts, fragment.allowed())
    return KnobSlots(Knob(name, f"A user's tunable: {fragment}.", lambda ir, target: (slot,)), (slot,))
