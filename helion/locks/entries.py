"""A decorator's mapping of locks, live or as written, in; its entries one by one out. Of a text only literals are read, nothing is run."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from helion.config.config import Config
from helion.locks.identity import ANY_DEVICE
from helion.syntax.config_literals import ANY_SIGNATURE, config_literals
from helion.syntax.tree import KernelSyntax
from helion.types.untyped import is_mapping


@dataclass(frozen=True)
class LockEntry:
    """One locked config; `signature` is None when it is for every signature on `device`. `origin` is the file that it was read from,
    empty when it stands in the decorator."""

    device: str
    signature: str | None
    config: Config
    origin: str = ""


def entries_of_table(table: Mapping[str, Any]) -> tuple[LockEntry, ...]:
    """The entries of `configs={...}`: device to config, or device to signature to config; a config may be a dict, a signature `*`."""
    return tuple(entry for device, value in table.items() for entry in _entries_of_device(device, value))


def _entries_of_device(device: str, value: Any) -> Iterator[LockEntry]:
    if is_mapping(value) and not isinstance(value, Config) and all(isinstance(v, Mapping) for v in value.values()):
        for signature, config in value.items():
            yield LockEntry(device, None if signature == ANY_SIGNATURE else str(signature), as_config(config))
    elif is_mapping(value):
        yield LockEntry(device, None, as_config(value))


def as_config(value: Mapping[str, Any]) -> Config:
    """A config, given as one or as a dict."""
    return value if isinstance(value, Config) else Config(**value)


def entries_of_kernel(kernel: KernelSyntax) -> tuple[LockEntry, ...]:
    """The entries written in a kernel's decorator; those that are not literals are left out."""
    written = kernel.keywords
    table = _literal(written["configs"]) if "configs" in written else None
    return entries_of_table(table) if is_mapping(table) else ()


def written_locks(kernel: KernelSyntax) -> tuple[LockEntry, ...]:
    """Those, with the decorator's only config as an entry for every device and signature."""
    if "config" in kernel.keywords:
        return tuple(LockEntry(ANY_DEVICE, None, Config.from_dict(literal.values)) for literal in config_literals(kernel)[:1])
    return entries_of_kernel(kernel)


def _literal(node: ast.expr) -> Any:
    """A dict display's items, a `Config(...)` call's keywords, any other literal's value; None for what must be run to be known."""
    if isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        return {key.value: value for key, item in pairs if isinstance(key, ast.Constant) and (value := _literal(item)) is not None}
    if isinstance(node, ast.Call):
        keywords = {k.arg: _plain(k.value) for k in node.keywords if k.arg is not None}
        return None if any(value is _UNKNOWN for value in keywords.values()) else Config(**keywords)
    value = _plain(node)
    return None if value is _UNKNOWN else value


_UNKNOWN = object()


def _plain(node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except ValueError:
        return _UNKNOWN
