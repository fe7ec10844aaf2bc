"""A config in, the plainest config with the same generated code out: what a search happened to set and nothing reads is dropped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, cast

from helion.autotune.run_search import code_of
from helion.codegen.triton_module import TritonModule
from helion.config.config import Config


def simplify(config: Config, plain: Config, generate: Callable[[Config], TritonModule]) -> Config:
    """`plain` has the value that each key, and each entry of a list, goes back to if that changes no code. Both are normalized."""
    code = code_of(generate(config))
    for change in _changes(config, plain):
        candidate = change(config)
        if candidate != config and code_of(generate(candidate)) == code:
            config = candidate
    return config


def differences(config: Config, other: Config) -> int:
    """In how many keys, and entries of lists, two configs differ."""
    count = 0
    for key in {*config, *other}:
        a, b = _entries(config.get(key)), _entries(other.get(key))
        count += sum(x != y for x, y in zip(a, b, strict=True)) if len(a) == len(b) else 1
    return count


def _entries(value: object) -> list[Any]:
    """A list's entries; anything else as the only one."""
    return cast("list[Any]", value) if isinstance(value, list) else [value]


def _changes(config: Config, plain: Config) -> Iterator[Callable[[Config], Config]]:
    for key in config:
        value: Any = config[key]
        if key not in plain or plain[key] == value:
            continue
        if not isinstance(value, list):
            yield lambda current, key=key: _with(current, key, plain[key])
            continue
        for index in range(len(plain[key])):
            yield lambda current, key=key, index=index: _with(current, key, _replaced(current[key], index, plain[key][index]))


def _with(config: Config, key: str, value: object) -> Config:
    return Config.from_dict({**config, key: value})


def _replaced(values: list[Any], index: int, value: Any) -> list[Any]:
    return [*values[:index], value, *values[index + 1 :]]
