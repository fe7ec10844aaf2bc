"""A cursor, its place and what is known of the language and the kernel in, completions out; documentation comes when one is chosen.

Offered is what a Python language server cannot know: nothing outside kernels but configs, decorators and environment names.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from helion.syntax.kernel_makers import find_maker
from helion.syntax.tree import ModuleSyntax
from helion_lsp.features.complete_options import config_items, decorator_items, environment_items, environment_values
from helion_lsp.features.cursor import Cursor, Opened
from helion_lsp.features.items import Item
from helion_lsp.features.place import LANGUAGE, Place, full_name, tile_names

_DECORATORS = frozenset({"helion.kernel", "helion.jit"})
_ENVIRONMENTS = frozenset({"os.environ", "os.environ.get", "os.getenv", "os.environ.setdefault", "os.environ.pop"})
_PREFIX = "HELION_"
_TAKE_NAMES = frozenset({"setenv", "delenv", "setdefault", "putenv", "unsetenv", "getenv", "get", "pop", "setitem", "delitem"})
# A variable that what is in quotes behind it is given to: `["HELION_X"] = "`, `("HELION_X", "`, `{"HELION_X": "`, `HELION_X="`.
_VARIABLE = re.compile(r"""\b((?:HELION|TRITON)_[A-Z0-9_]+)(?:["'](?:\s*\]\s*=|\s*[,:])|\s*=)\s*["']$""")
_ITERATOR = re.compile(r"\s*(async\s+)?for\b.*\bin\s+")
_SECTIONS = ("helion", LANGUAGE, "torch")


@dataclass(frozen=True)
class Knowledge:
    """`language` are the worker's facts; `knobs` what the kernel at the cursor can be tuned in, None where it is not known.

    `tiles` are names that are tiles by the newest analysis, with what a hover says of each. Without `members`, what a Python server offers
    too, after a dot and as keywords of calls, is left to it.
    """

    language: Mapping[str, Any]
    knobs: Sequence[Mapping[str, Any]] | None = None
    tiles: Mapping[str, str] | None = None
    members: bool = True


def completions(module: ModuleSyntax, cursor: Cursor, place: Place, known: Knowledge) -> list[Item]:
    """What may stand at the cursor, the likeliest first; nothing inside comments and strings of other meaning."""
    if cursor.in_comment:
        return []
    if cursor.owner is not None:
        found = [] if cursor.quote else list(_members(module, cursor, place, known))
        return found if known.members else [item for item in found if item.is_snippet]
    return list(_in_brackets(module, cursor, known))


def _members(module: ModuleSyntax, cursor: Cursor, place: Place, known: Knowledge) -> Iterator[Item]:
    """Members of `hl`, `helion` and `torch`, attributes of tiles."""
    owner = cursor.owner or ""
    whole = full_name(module, owner)
    if whole in _SECTIONS:
        yield from _functions(cursor, whole, place, known.language)
    elif owner in tile_names(place) or owner in (known.tiles or {}):
        words = (known.tiles or {}).get(owner, "")
        for attribute in known.language["tile"]:
            detail = f": {attribute['type']}"
            yield Item(
                attribute["name"], "property", detail, words, key=f"tile/{attribute['name']}", preselect=attribute["name"] == "index"
            )


def _functions(cursor: Cursor, section: str, place: Place, language: Mapping[str, Any]) -> Iterator[Item]:
    """What may be used at the place comes first; of torch only what means something of ours, and only on the device."""
    if section == "torch" and not place.is_device:
        return
    for member in language["members"][section]:
        there = member["place"]
        fits = _fits(member, place, cursor)
        forms = member["signatures"]
        label = forms[0]["label"].removeprefix(member["name"]) if forms else ""
        yield Item(
            member["name"],
            "class" if member["kind"] == "class" else "function",
            label.partition(" -> ")[0],
            f"helion · {there}" if there else "helion",
            rank=0 if fits else 2,
            key=f"{section}/{member['name']}",
        )
        if member["snippet"] is not None and place.kernel is not None and not cursor.lead.strip():
            owner = cursor.owner or ""
            yield Item(
                f"for … in {owner}.{member['name']}",
                "snippet",
                "",
                "a loop",
                insert=member["snippet"].replace("hl.", f"{owner}."),
                is_snippet=True,
                replaces_owner=True,
                filter=member["name"],
                rank=0,
                key=f"{section}/{member['name']}",
            )


def _fits(member: Mapping[str, Any], place: Place, cursor: Cursor) -> bool:
    """Whether something may stand at the cursor: loops after `in`, the rest in its region, classes in annotations."""
    is_iterator = _ITERATOR.fullmatch(cursor.lead) is not None
    if place.kernel is None or is_iterator or member["place"] == "loop":
        return (member["place"] == "loop" or member["snippet"] is not None) == is_iterator
    return member["kind"] != "class" and member["place"] in ("", "device" if place.is_device else "host")


def _in_brackets(module: ModuleSyntax, cursor: Cursor, known: Knowledge) -> Iterator[Item]:
    """Keys, values and names that the brackets around the cursor, or the variable before it, ask for."""
    given = _VARIABLE.search(cursor.lead) if cursor.quote else None
    if given is not None:
        yield from environment_values(known.language, given[1])
        return
    inner = cursor.innermost
    if inner is None:
        return
    if cursor.quote and cursor.word.startswith(_PREFIX) and _asks_for_name(inner):
        yield from environment_items(known.language)
        return
    called = full_name(module, inner.before) if inner.before else ""
    if called in _ENVIRONMENTS:
        if cursor.quote and inner.position == 0:
            yield from environment_items(known.language)
    elif called in _DECORATORS or _makes_kernels(module, inner.before):
        yield from decorator_items(cursor, inner, known.language, keywords=known.members)
    else:
        yield from config_items(module, cursor, known.language, known.knobs, keywords=known.members)


def _asks_for_name(inner: Opened) -> bool:
    """Whether a string in the brackets may name a variable: a mapping's key, a subscript, what is set or looked up by its name."""
    if inner.bracket == "(":
        return inner.before.rpartition(".")[2] in _TAKE_NAMES
    return inner.keyword is None and (inner.bracket == "{" or bool(inner.before))


def _makes_kernels(module: ModuleSyntax, callee: str) -> bool:
    """Whether what is called hands its keywords on to `helion.kernel`."""
    try:
        maker = find_maker(ast.parse(callee, mode="eval").body, module)
    except (SyntaxError, ValueError):
        return False
    return maker is not None and maker.takes_options


def documentation(key: str, language: Mapping[str, Any], knobs: Sequence[Mapping[str, Any]] | None) -> str:
    """The Markdown of what was offered under a key."""
    section, _, name = key.rpartition("/")
    if section == "knob":
        return _knob_text(name, language, knobs)
    if section in ("tile", "settings", "decorator", "environment"):
        found = next((o for o in language[section] if o["name"] == name), None)
        return "" if found is None else _option_text(found)
    member = next((m for m in language["members"].get(section, ()) if m["name"] == name), None)
    if member is None:
        return ""
    signatures = [f"```python\n{form['label']}\n```" for form in member["signatures"]]
    where = {"host": "Host code.", "device": "Device code.", "loop": "The iterator of a `for`."}.get(member["place"], "")
    return "\n\n".join(part for part in (*signatures, where, member["doc"], "\n".join(f"- {f}" for f in member["facts"])) if part)


def _option_text(option: Mapping[str, Any]) -> str:
    parts = [option["doc"]]
    if option.get("default"):
        parts.append(f"`{option['type']}`, default `{option['default']}`")
    if option.get("values"):
        parts.append("Values: " + ", ".join(f"`{value}`" for value in option["values"] if "$" not in value))
    if option.get("variable"):
        parts.append(f"From the environment: `{option['variable']}`")
    return "\n\n".join(part for part in parts if part.strip() != "Values:")


def _knob_text(key: str, language: Mapping[str, Any], knobs: Sequence[Mapping[str, Any]] | None) -> str:
    general = next((k for k in language["knobs"] if key in (k["key"], k["alias"])), None)
    own = next((k for k in knobs or () if key in (k["key"], k["alias"])), None)
    parts = [general["doc"] if general is not None else "A tunable that this kernel registers."]
    if own is not None:
        parts.append("\n".join(f"- {_site(slot)}{slot['allowed']}; default `{slot['default']}`" for slot in own["slots"]))
    return "\n\n".join(parts)


def _site(slot: Mapping[str, Any]) -> str:
    return "" if slot["site"] == "kernel" else f"`{slot['site']}`: "
