"""Public tunable values: a range or a set of choices in, its default, draws, neighbours and numeric encoding out; knows no kernel."""

from __future__ import annotations

import random as stdlib_random
from dataclasses import dataclass
from typing import Any, Protocol

from helion import exc

Draw = stdlib_random.Random | None


class Fragment(Protocol):
    """One tunable value. A search starts at `default()`, draws with `random()` and climbs along `pattern_neighbors`.

    `encode` gives `dim()` numbers for a model to learn from. `choices()` are the values a search may try, the default first;
    `accepts` says whether any value is legal and `allowed()` says the same in words.
    """

    def default(self) -> Any: ...

    def random(self, rng: Draw = None) -> Any: ...

    def pattern_neighbors(self, current: Any) -> list[Any]: ...

    def differential_mutation(self, a: Any, b: Any, c: Any) -> Any:
        """`a` moved by the way from `c` to `b`."""
        ...

    def encode(self, value: Any) -> list[float]: ...

    def dim(self) -> int: ...

    def choices(self) -> tuple[Any, ...]: ...

    def accepts(self, value: Any) -> bool: ...

    def allowed(self) -> str: ...


@dataclass(frozen=True, init=False, repr=False)
class IntegerFragment:
    """An integer from `low` to `high`, both included; `default` is `low` unless given."""

    low: int
    high: int
    default_value: int

    def __init__(self, low: int, high: int, default: int | None = None) -> None:
        _set(self, low=low, high=high, default_value=low if default is None else default)
        _require(low <= self.default_value <= high, f"{self} needs low <= default <= high")

    def default(self) -> int:
        return self.default_value

    def random(self, rng: Draw = None) -> int:
        return drawer(rng).randint(self.low, self.high)

    def pattern_neighbors(self, current: int) -> list[int]:
        return [value for value in (current - 1, current + 1) if self.low <= value <= self.high]

    def differential_mutation(self, a: int, b: int, c: int) -> int:
        return min(max(a + b - c, self.low), self.high)

    def encode(self, value: int) -> list[float]:
        return [float(value)]

    def dim(self) -> int:
        return 1

    def choices(self) -> tuple[int, ...]:
        return _default_first(self.default_value, tuple(range(self.low, self.high + 1)))

    def accepts(self, value: object) -> bool:
        return type(value) is int and self.low <= value <= self.high

    def allowed(self) -> str:
        return f"it must be an integer from {self.low} to {self.high}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.low}, {self.high}, {self.default_value})"


@dataclass(frozen=True, init=False, repr=False)
class PowerOfTwoFragment(IntegerFragment):
    """A power of two from `low` to `high`, which are powers of two themselves."""

    def __init__(self, low: int, high: int, default: int | None = None) -> None:
        super().__init__(low, high, default)
        _require(all(is_power_of_two(v) for v in (low, high, self.default_value)), f"{self} needs powers of two")

    def random(self, rng: Draw = None) -> int:
        return 1 << drawer(rng).randint(_log2(self.low), _log2(self.high))

    def pattern_neighbors(self, current: int) -> list[int]:
        return [value for value in (current // 2, current * 2) if self.low <= value <= self.high]

    def differential_mutation(self, a: int, b: int, c: int) -> int:
        exponent = _log2(a) + _log2(b) - _log2(c)
        return 1 << min(max(exponent, _log2(self.low)), _log2(self.high))

    def encode(self, value: int) -> list[float]:
        return [float(_log2(value))]

    def choices(self) -> tuple[int, ...]:
        powers = range(_log2(self.low), _log2(self.high) + 1)
        return _default_first(self.default_value, tuple(1 << exponent for exponent in powers))

    def accepts(self, value: object) -> bool:
        return super().accepts(value) and is_power_of_two(value)

    def allowed(self) -> str:
        return f"it must be a power of two from {self.low} to {self.high}"


@dataclass(frozen=True, init=False, repr=False)
class EnumFragment:
    """One of `choices`, of which the first is the default."""

    values: tuple[Any, ...]

    def __init__(self, choices: tuple[Any, ...] | list[Any]) -> None:
        _set(self, values=tuple(choices))
        _require(bool(self.values), "EnumFragment needs at least one choice")

    def default(self) -> Any:
        return self.values[0]

    def random(self, rng: Draw = None) -> Any:
        return drawer(rng).choice(self.values)

    def pattern_neighbors(self, current: Any) -> list[Any]:
        return [value for value in self.values if not _same(value, current)]

    def differential_mutation(self, a: Any, b: Any, c: Any) -> Any:
        """`a` when `b` and `c` agree; else whichever of them is not `a`: there is no distance between choices to go along."""
        return a if _same(b, c) else (c if _same(a, b) else b)

    def encode(self, value: Any) -> list[float]:
        return [float(_same(value, choice)) for choice in self.values]

    def dim(self) -> int:
        return len(self.values)

    def choices(self) -> tuple[Any, ...]:
        return self.values

    def accepts(self, value: object) -> bool:
        return any(_same(value, choice) for choice in self.values)

    def allowed(self) -> str:
        return "allowed: " + ", ".join(map(repr, self.values))

    def __repr__(self) -> str:
        return f"EnumFragment({self.values!r})"


@dataclass(frozen=True, init=False, repr=False)
class BooleanFragment(EnumFragment):
    """False, the default, or True."""

    def __init__(self) -> None:
        super().__init__((False, True))

    def encode(self, value: Any) -> list[float]:
        return [float(value)]

    def dim(self) -> int:
        return 1

    def __repr__(self) -> str:
        return "BooleanFragment()"


def is_power_of_two(value: object) -> bool:
    """True of 1, 2, 4, ...; of no bool."""
    return type(value) is int and value > 0 and value & (value - 1) == 0


def drawer(rng: Draw) -> stdlib_random.Random:
    """Without a generator of one's own, Python's, so that `random.seed` makes draws repeatable."""
    return stdlib_random.Random(stdlib_random.getrandbits(64)) if rng is None else rng


def _log2(value: int) -> int:
    return value.bit_length() - 1


def _same(one: object, other: object) -> bool:
    """Equal and of one type: True is not 1."""
    return type(one) is type(other) and one == other


def _default_first(default: int, values: tuple[int, ...]) -> tuple[int, ...]:
    return (default, *(value for value in values if value != default))


def _set(fragment: object, **fields: object) -> None:
    """The fields of a frozen dataclass whose constructor is its own: its parameter `default` is the name of a method."""
    for name, value in fields.items():
        object.__setattr__(fragment, name, value)


def _require(holds: bool, words: str) -> None:
    if not holds:
        raise exc.InvalidFragment(words)
