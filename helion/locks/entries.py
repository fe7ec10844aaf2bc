"""A decorator's mapping of locks, live or as written, in; its entries one by one out. Of a text only literals are read, nothing is run."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from helion.config.config import Config
from helion.locks.identity import ANY_DEVICE
from helion.syntax.config_literals import ANY_SIGNATURE, is_config
from helion.syntax.followed import followed, items_of, string_of
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
    """The entries of a kernel's decorator, those in constants of the file that it names or unpacks too; those that are not literals are
    left out."""
    written = kernel.keywords
    table = _literal(kernel, written["configs"]) if "configs" in written else None
    return entries_of_table(table) if is_mapping(table) else ()


def written_locks(kernel: KernelSyntax) -> tuple[LockEntry, ...]:
    """Those, with the decorator's only config as an entry for every device and signature."""
    if "config" not in kernel.keywords:
        return entries_of_kernel(kernel)
    config = _literal(kernel, kernel.keywords["config"])
    return (LockEntry(ANY_DEVICE, None, as_config(config)),) if is_mapping(config) else entries_of_kernel(kernel)


def unsaid(kernel: KernelSyntax) -> str | None:
    """What in a decorator's `config=` or `configs=` may serve calls and only an import tells of: computed or imported, as it is written."""
    written = kernel.keywords
    for name in ("config", "configs"):
        found = None if name not in written else _unsaid_in(kernel, written[name], depth=0)
        if found is not None:
            return ast.unparse(found)
    return None


def _unsaid_in(kernel: KernelSyntax, node: ast.expr, depth: int) -> ast.expr | None:
    value = followed(kernel.module, node)
    if not isinstance(value, ast.Dict):
        is_list = depth == 0 and isinstance(value, ast.List | ast.Tuple)
        is_known = is_list or isinstance(value, ast.Constant) or _literal(kernel, value) is not None
        return None if is_known else node
    if depth == _SIGNATURES and _literal(kernel, value) is not None:
        return None
    for key, item in zip(value.keys, value.values, strict=True):
        if key is not None and string_of(kernel.module, key) is None:
            return key
        found = _unsaid_in(kernel, item, depth if key is None else depth + 1)
        if found is not None:
            return found
    return None


_SIGNATURES = 2  # under a device and a signature


def _literal(kernel: KernelSyntax, node: ast.expr) -> Any:
    """A mapping's items, a `Config(...)` call's keywords, any other literal's value; None for what must be run to be known."""
    module = kernel.module
    node = followed(module, node)
    if isinstance(node, ast.Dict):
        pairs = ((string_of(module, key), item) for key, item in items_of(module, node))
        return {key: value for key, item in pairs if key is not None and (value := _literal(kernel, item)) is not None}
    if isinstance(node, ast.Call):
        return _config_of_call(kernel, node)
    value = _plain(node)
    return None if value is _UNKNOWN else value


def _config_of_call(kernel: KernelSyntax, node: ast.Call) -> Config | None:
    if node.args or not is_config(kernel, node.func):
        return None
    values: dict[str, Any] = {}
    for keyword in node.keywords:
        value = _plain(keyword.value) if keyword.arg is not None else _literal(kernel, keyword.value)
        if value is _UNKNOWN or (keyword.arg is None and not is_mapping(value)):
            return None
        values |= {keyword.arg: value} if keyword.arg is not None else value
    return Config(**values)


_UNKNOWN = object()


def _plain(node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except ValueError:
        return _UNKNOWN
