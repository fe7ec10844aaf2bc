"""The brackets around a cursor in, keys and values of configs, decorators and the environment out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from helion.syntax.tree import ModuleSyntax
from helion_lsp.features.cursor import Cursor, Opened
from helion_lsp.features.items import Item
from helion_lsp.features.place import full_name

_CONFIGS = frozenset({"helion.Config", "helion.config.config.Config", "helion.runtime.Config"})
_MAPPINGS = frozenset({"config", "configs"})


def environment_items(language: Mapping[str, Any]) -> Iterator[Item]:
    for variable in language["environment"]:
        yield Item(variable["name"], "constant", "", "helion", key=f"environment/{variable['name']}")


def environment_values(language: Mapping[str, Any], name: str) -> Iterator[Item]:
    """What a variable may say, the usual one first."""
    for variable in language["environment"]:
        for value in variable["values"] if variable["name"] == name else ():
            yield Item(value, "enumMember", "", "helion", key=f"environment/{name}")


def decorator_items(cursor: Cursor, inner: Opened, language: Mapping[str, Any], *, keywords: bool = True) -> Iterator[Item]:
    """Keywords of `@helion.kernel(`, unless they are somebody else's to offer, or the values of one."""
    if inner.keyword is None:
        if cursor.quote or not keywords:
            return
        for rank, section in enumerate(("decorator", "settings")):
            for option in language[section]:
                name = option["name"]
                if name not in inner.keywords:
                    default = f" = {option['default']}" if option["default"] else ""
                    yield Item(f"{name}=", "field", default, "helion", key=f"{section}/{name}", rank=rank, insert=f"{name}=")
        return
    for section in ("decorator", "settings"):
        for option in language[section]:
            for value in option["values"] if option["name"] == inner.keyword else ():
                is_default = value.replace('"', "'") == option["default"]
                yield from _value(value, cursor, f"{section}/{inner.keyword}", is_default=is_default)


def _value(value: str, cursor: Cursor, key: str, *, is_default: bool = False, rank: int = 0) -> Iterator[Item]:
    """One value as Python text; inside quotes only strings, without theirs."""
    is_text = value[:1] in ("'", '"')
    if cursor.quote and not is_text:
        return
    shown = value[1:-1] if cursor.quote else value
    is_snippet = "$0" in shown
    label = shown.replace("$0", "…") if is_snippet else shown
    kind = "enumMember" if is_text else "value"
    yield Item(
        label,
        kind,
        "",
        "default" if is_default else "",
        shown,
        is_snippet=is_snippet,
        key=key,
        preselect=is_default,
        rank=rank,
        filter=label,
    )


# -- configs --------------------------------------------------------------------------------------------------------


def config_items(
    module: ModuleSyntax, cursor: Cursor, language: Mapping[str, Any], knobs: Sequence[Mapping[str, Any]] | None, *, keywords: bool = True
) -> Iterator[Item]:
    """Keys of a config at the cursor, values of a key, entries of a list. Without `keywords`, a key that `Config` declares is offered only
    where there is more to say than its name: in a dict, and with a list's entries."""
    found = _config_around(module, cursor.opened)
    if found is None:
        return
    config, key, position = found
    if key is not None:
        yield from _values(key, position, cursor, language, knobs)
    elif config.bracket == "{" or not cursor.quote:
        found = _keys(config, cursor, language, knobs)
        is_dict = config.bracket == "{"
        declared: set[str] = set() if keywords or is_dict else {str(knob["key"]) for knob in language["knobs"]}
        for item in found:
            if item.label not in declared:
                yield item
            elif "[$" in (item.insert or ""):
                yield replace(item, label=f"{item.label}=[…]", filter=item.label)


def _config_around(module: ModuleSyntax, opened: Sequence[Opened]) -> tuple[Opened, str | None, int | None] | None:
    """The bracket of the config that the cursor is in, the key whose value it is in, and the entry of that value if it is a list."""
    for depth in range(len(opened) - 1, max(-1, len(opened) - 4), -1):
        bracket = opened[depth]
        is_call = bracket.bracket == "(" and full_name(module, bracket.before) in _CONFIGS
        is_mapping = bracket.bracket == "{" and depth > 0 and opened[depth - 1].keyword == "config"
        if is_call or is_mapping:
            inside = opened[depth + 1 :]
            if not inside:
                return bracket, bracket.keyword, None
            is_list = all(b.bracket in "[(" and not b.before for b in inside)
            return (bracket, bracket.keyword, inside[0].position) if is_list and len(inside) == 1 else None
    return None


def _keys(config: Opened, cursor: Cursor, language: Mapping[str, Any], knobs: Sequence[Mapping[str, Any]] | None) -> Iterator[Item]:
    """Keys that this kernel has a place for, as it says nothing of the others; all of them where that is not known."""
    quoted = config.bracket == "{"
    for knob in language["knobs"] if knobs is None else knobs:
        key = knob["key"]
        if {key, knob["alias"]} & set(config.keywords) or (knobs is None and knob["vendor"] not in (None, "cuda")):
            continue
        slots = () if knobs is None else knob["slots"]
        insert = _list_snippet(slots) if knob["isList"] and slots else "[$1]" if knob["isList"] else "$1"
        name = key if cursor.quote else f'"{key}"' if quoted else key
        separator = ": " if quoted else "="
        sites = ", ".join(slot["site"] for slot in slots if slot["site"] != "kernel")
        detail = f" = {_defaults(knob, slots)}" if slots else ""
        whole = name if cursor.quote else f"{name}{separator}{insert}"
        yield Item(key, "field", detail, sites or "helion", whole, is_snippet=not cursor.quote, key=f"knob/{key}")


def _list_snippet(slots: Sequence[Mapping[str, Any]]) -> str:
    """A stop an entry, filled with its default."""
    return "[" + ", ".join(f"${{{n}:{_escaped(slot['usual'])}}}" for n, slot in enumerate(slots, 1)) + "]"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("$", "\\$").replace("}", "\\}")


def _defaults(knob: Mapping[str, Any], slots: Sequence[Mapping[str, Any]]) -> str:
    return "[" + ", ".join(slot["usual"] for slot in slots) + "]" if knob["isList"] else slots[0]["usual"]


def _values(
    key: str, position: int | None, cursor: Cursor, language: Mapping[str, Any], knobs: Sequence[Mapping[str, Any]] | None
) -> Iterator[Item]:
    """The values that searches try at the place of an entry, smallest first where they are numbers; a list to fill in before its `[`."""
    knob = next((k for k in knobs or () if key in (k["key"], k["alias"])), None)
    if knob is None or not knob["slots"]:
        return
    slots = knob["slots"]
    if knob["isList"] and key == knob["key"] and position is None:
        if not cursor.quote:
            whole = _list_snippet(slots)
            yield Item(_defaults(knob, slots), "snippet", "", "an entry a place", whole, is_snippet=True, key=f"knob/{key}", preselect=True)
        if not knob["spreads"]:
            return
    at = position or 0
    if at >= len(slots):
        return
    slot, is_shared = slots[at], knob["spreads"] and position is None
    for value in sorted(slot["choices"], key=_in_order):
        for item in _value(value, cursor, f"knob/{key}", is_default=value == slot["usual"]):
            site = "" if slot["site"] == "kernel" else "every place" if is_shared else slot["site"]
            yield Item(
                item.label,
                item.kind,
                "",
                " · ".join(p for p in (site, item.description) if p),
                item.insert,
                key=item.key,
                preselect=item.preselect,
            )


def _in_order(value: str) -> tuple[int, int, str]:
    """Numbers by size, then the rest as it is."""
    return (0, int(value), "") if value.isdigit() else (1, 0, "")
