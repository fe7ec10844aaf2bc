"""A cursor and what is known in, the signatures of the call that it stands in out, with the parameter that it is at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from helion.syntax.tree import ModuleSyntax
from helion_lsp.features.completion import Knowledge
from helion_lsp.features.cursor import Cursor, Opened
from helion_lsp.features.place import LANGUAGE, full_name

_SECTIONS = (LANGUAGE, "helion")


@dataclass(frozen=True)
class Parameter:
    """`start` and `end` are where it stands in the label."""

    name: str
    start: int
    end: int
    documentation: str


@dataclass(frozen=True)
class Signature:
    label: str
    documentation: str
    parameters: tuple[Parameter, ...]
    active: int | None


def signatures(module: ModuleSyntax, cursor: Cursor, known: Knowledge) -> list[Signature]:
    """Of the innermost call that is ours; a call of anything else in between is a Python server's."""
    for opened in reversed(cursor.opened):
        if opened.bracket != "(" or not opened.before:
            continue
        return _of(full_name(module, opened.before), opened, known)
    return []


def _of(called: str, opened: Opened, known: Knowledge) -> list[Signature]:
    if called == "helion.Config":
        return [_config(opened, known)]
    if called in ("helion.kernel", "helion.jit"):
        options = [*known.language["decorator"], *known.language["settings"]]
        rows = [(o["name"], f"{o['name']}={o['default'] or '…'}", o["doc"]) for o in options]
        return [_keyword_signature(called.rpartition(".")[2], rows, opened, "Everything is optional.")]
    section, _, name = called.rpartition(".")
    if section not in _SECTIONS:
        return []
    member = next((m for m in known.language["members"][section] if m["name"] == name), None)
    return [] if member is None else [_function(form, member, opened) for form in member["signatures"]]


def _function(form: Mapping[str, Any], member: Mapping[str, Any], opened: Opened) -> Signature:
    parameters = tuple(Parameter(p["name"], p["label"][0], p["label"][1], p["doc"]) for p in form["parameters"])
    names = [p.name for p in parameters]
    active: int | None = opened.position if opened.position < len(parameters) else None
    if opened.keyword is not None:
        active = names.index(opened.keyword) if opened.keyword in names else None
    return Signature(form["label"], member["doc"], parameters, active)


def _config(opened: Opened, known: Knowledge) -> Signature:
    """The keys that this kernel has a place for."""
    general = {k["key"]: k["doc"] for k in known.language["knobs"]}
    if known.knobs is None:
        rows = [(k["key"], f"{k['key']}={'[…]' if k['isList'] else '…'}", k["doc"]) for k in known.language["knobs"]]
        return _keyword_signature("Config", rows, opened, "Keys that are left out keep their defaults.")
    rows = [
        (k["key"], f"{k['key']}={_default(k)}", "\n\n".join((general.get(k["key"], "A tunable of this kernel."), _places(k["slots"]))))
        for k in known.knobs
    ]
    return _keyword_signature("Config", rows, opened, "What this kernel can be tuned in, with its plain defaults.")


def _default(knob: Mapping[str, Any]) -> str:
    values = [slot["default"] for slot in knob["slots"]]
    return f"[{', '.join(values)}]" if knob["isList"] else values[0]


def _places(slots: Sequence[Mapping[str, Any]]) -> str:
    return "\n".join(
        slot["allowed"] if slot["site"] == "kernel" else f"- `[{n}]` `{slot['site']}`: {slot['allowed']}" for n, slot in enumerate(slots)
    )


def _keyword_signature(name: str, rows: list[tuple[str, str, str]], opened: Opened, words: str) -> Signature:
    """Every keyword in one label; the active one is the cursor's."""
    label, parameters = f"{name}(*, ", list[Parameter]()
    for keyword, shown, documentation in rows:
        parameters.append(Parameter(keyword, len(label), len(label) + len(shown), documentation))
        label += f"{shown}, "
    names = [p.name for p in parameters]
    active = names.index(opened.keyword) if opened.keyword in names else None
    return Signature(f"{label.removesuffix(', ')})", words, tuple(parameters), active)
