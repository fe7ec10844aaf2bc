"""A config space and what the user demands of every config in, the space of configs that meet it out."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

from helion.config.config import Config
from helion.config.space import KnobSlots
from helion.diagnostics.diagnostic import Diagnostic

_DRAWS = 1000
_PERSISTENT_FOR = {"flat": "persistent_blocked", "xyz": "persistent_interleaved"}

Filter = Callable[[Config], Config | Mapping[str, Any] | None]


class TunableSpace(Protocol):
    """What tuning needs of `helion.config.space.ConfigSpace`."""

    @property
    def knobs(self) -> tuple[KnobSlots, ...]: ...

    def default(self) -> Config: ...

    def sample(self, rng: random.Random) -> Config: ...

    def neighbours(self, config: Config) -> list[Config]: ...

    def check(self, config: Mapping[str, Any]) -> tuple[Diagnostic, ...]: ...

    def normalize(self, config: Mapping[str, Any]) -> Config: ...

    def fingerprint(self) -> str: ...


class NothingAdmittedError(Exception):
    """The filter let no config through."""


@dataclass(frozen=True)
class Constraints:
    """`overrides` are forced on every config, `force_persistent` allows only persistent programs, and `config_filter` replaces a config
    or, with None, drops it."""

    overrides: Mapping[str, object] = field(default_factory=dict[str, object])
    force_persistent: bool = False
    config_filter: Filter | None = None


@dataclass(frozen=True)
class ConstrainedSpace:
    """Every config of `space` that `constraints` admit, changed as they demand."""

    space: TunableSpace
    constraints: Constraints

    @property
    def knobs(self) -> tuple[KnobSlots, ...]:
        return self.space.knobs

    def default(self) -> Config:
        """The space's own default as the constraints change it; where they drop it, the first config drawn that they do not."""
        return self._default

    @cached_property
    def _default(self) -> Config:
        rng = random.Random(0)
        return self._first(self.space.default() if n == 0 else self.space.sample(rng) for n in range(_DRAWS))

    def sample(self, rng: random.Random) -> Config:
        return self._first(self.space.sample(rng) for _ in range(_DRAWS))

    def neighbours(self, config: Config) -> list[Config]:
        found = dict.fromkeys(admitted for n in self.space.neighbours(config) if (admitted := self.admit(n)) is not None)
        found.pop(config, None)
        return list(found)

    def admit(self, config: Mapping[str, Any]) -> Config | None:
        """The config as the constraints demand it, or None when they drop it."""
        normal = self.space.normalize(config)
        pid_type = str(normal.get("pid_type", "flat"))
        persistent = {"pid_type": _PERSISTENT_FOR.get(pid_type, pid_type)} if self.constraints.force_persistent else {}
        changed = self.space.normalize({**normal, **persistent, **self.constraints.overrides})
        if self.constraints.config_filter is None:
            return changed
        filtered = self.constraints.config_filter(changed)
        return None if filtered is None else self.space.normalize(filtered)

    def _first(self, configs: Iterable[Config]) -> Config:
        for config in configs:
            admitted = self.admit(config)
            if admitted is not None:
                return admitted
        raise NothingAdmittedError(f"autotune_config_filter dropped the default config and {_DRAWS - 1} others")

    def check(self, config: Mapping[str, Any]) -> tuple[Diagnostic, ...]:
        return self.space.check(config)

    def normalize(self, config: Mapping[str, Any]) -> Config:
        return self.space.normalize(config)

    def fingerprint(self) -> str:
        return self.space.fingerprint()
