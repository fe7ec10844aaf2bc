"""The language, config keys, settings and variables in, plain data for completion and signature help out; runs in the worker."""

from __future__ import annotations

import inspect
import re
import typing
from collections.abc import Callable, Iterator
from typing import Any

import torch

from helion import language
from helion.config.config import Config
from helion.config.knobs import KNOBS
from helion.environment_names import texts_of, variable_of
from helion.integers import cdiv, next_power_of_2
from helion.ops.operation import Op
from helion.ops.static_types import Tile
from helion.ops.table import OPS
from helion.settings import FIELD_NAMES, SettingOptions, Settings
from helion.types.dtypes import short_name
from helion.types.types import Region
from helion_lsp.worker.option_texts import DECORATOR, ENVIRONMENT, VALUES, OptionText, meanings_of_settings

_ROLE = re.compile(r":\w+:`([^`<]*?)(?: <[^>]*>)?`")
_PLACES = {Region.HOST: "host", Region.DEVICE: "device", None: ""}
_LOOPS = {
    "tile": "for ${1:tile} in hl.tile(${2:n}):\n    $0",
    "grid": "for ${1:i} in hl.grid(${2:n}):\n    $0",
    "jagged_tile": "for ${1:inner} in hl.jagged_tile(${2:ends}):\n    $0",
    "static_range": "for ${1:i} in hl.static_range(${2:n}):\n    $0",
}
_TILE_TYPES = {"index": "i32[block_size]", "block_size": "int, constant in a config"}
_HELION = (Config, cdiv, next_power_of_2)


def language_facts() -> dict[str, Any]:
    """Everything that does not depend on a kernel."""
    return {
        "members": {
            "helion.language": [_member(name, getattr(language, name)) for name in language.__all__],
            "helion": [_member(value.__name__, value) for value in _HELION],
            "torch": list(_torch_members()),
        },
        "tile": [_tile_attribute(name, op) for name, op in _tile_attributes()],
        "knobs": [
            {"key": k.key, "doc": k.doc, "isList": k.is_list, "alias": k.alias, "vendor": k.vendor, "spreads": k.spreads} for k in KNOBS
        ],
        "decorator": list(decorator_options()),
        "settings": list(setting_options()),
        "environment": list(environment_options()),
    }


# -- functions ------------------------------------------------------------------------------------------------------


def _member(name: str, value: Any) -> dict[str, Any]:
    op = OPS.find(value)
    place = "loop" if op is not None and op.iterates is not None else _PLACES[op.region] if op is not None else ""
    kind = "class" if inspect.isclass(value) else "function"
    # A class' constructor is not of interest: they are annotations, or have keys of their own.
    forms = typing.get_overloads(value) or [value] if kind == "function" else []
    signatures = [found for form in forms if (found := _signature(name, form, documentation(value))) is not None]
    return {
        "name": name,
        "kind": kind,
        "place": place,
        "doc": documentation(value),
        "snippet": _LOOPS.get(name),
        "signatures": signatures,
        "facts": [] if op is None else list(_facts(op)),
    }


def documentation(value: Any) -> str:
    """The docstring as Markdown, its example as code."""
    text, _, example = _ROLE.sub(r"`\1`", inspect.getdoc(value) or "").partition("\n\nExample:\n")
    if not example:
        return text
    lines = [re.sub(r"^ {4}(>>>|\.\.\.) ?", "", line) for line in example.rstrip().split("\n")]
    return "\n".join([text, "", "```python", *lines, "```"])


def _signature(name: str, function: Callable[..., Any], documented: str) -> dict[str, Any] | None:
    """The label, and of each parameter where it stands in the label and what the docstring says of it."""
    try:
        signature = inspect.signature(function)
    except (ValueError, TypeError):
        return None
    text = documented.partition("```")[0]
    label, star = f"{name}(", False
    parameters: list[dict[str, Any]] = []
    last_positional = [p for p in signature.parameters.values() if p.kind is p.POSITIONAL_ONLY][-1:]
    for parameter in signature.parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and not star:
            star = True
            label += "*, "
        start = len(label)
        label += _parameter(parameter)
        parameters.append({"name": parameter.name, "label": [start, len(label)], "doc": _sentences(text, parameter.name)})
        label += ", /, " if [parameter] == last_positional else ", "
    closing = "" if signature.return_annotation is signature.empty else f" -> {_annotation(signature.return_annotation)}"
    return {"label": f"{label.removesuffix(', ')}){closing}", "parameters": parameters}


def _parameter(parameter: inspect.Parameter) -> str:
    plain = parameter.annotation is parameter.empty or _annotation(parameter.annotation) == "Any"
    text = parameter.name if plain else f"{parameter.name}: {_annotation(parameter.annotation)}"
    if parameter.default is parameter.empty:
        return text
    return f"{text}={parameter.default!r}" if plain else f"{text} = {parameter.default!r}"


def _annotation(annotation: Any) -> str:
    return annotation if isinstance(annotation, str) else getattr(annotation, "__name__", str(annotation))


def _sentences(text: str, parameter: str) -> str:
    """What the text says of a parameter: the sentences that name it."""
    found = [s for s in re.split(r"(?<=[.;])\s+", text.replace("\n", " ")) if re.search(rf"`[^`]*\b{parameter}\b[^`]*`", s)]
    return " ".join(found)


def _facts(op: Op) -> Iterator[str]:
    """What no docstring says: what partial tiles do to it, what it asks of its surroundings."""
    for name, value in () if op.masks is None else op.masks.inputs.items():
        if value is not None:
            yield f"lanes beyond a partial tile count as {value} in `{name}`"
    if op.requires is not None:
        yield "sets limits on the block sizes of its operands"
    if op.draws:
        yield "draws from torch's generator"
    if op.needs_interpreter:
        yield "only where Python runs the kernel (`HELION_INTERPRET=1`)"


def _torch_members() -> Iterator[dict[str, Any]]:
    """The functions of torch that mean something of ours in device code; the rest is for a Python server to complete."""
    for op in OPS.ops:
        for function in (op.function, *op.aliases):
            name = getattr(function, "__name__", "")
            if getattr(torch, name, None) is not function or op.region is Region.HOST:
                continue
            facts = list(_facts(op))
            if op.name.startswith("hl."):
                facts.insert(0, f"on the device the same as `{op.name}`")
            if facts:
                yield {"name": name, "kind": "function", "place": "device", "doc": "", "snippet": None, "signatures": [], "facts": facts}


# -- tiles, settings and variables ----------------------------------------------------------------------------------


def _tile_attributes() -> Iterator[tuple[str, Op]]:
    for op in OPS.ops:
        if op.tile_attribute is not None:
            yield op.tile_attribute, op


def _tile_attribute(name: str, op: Op) -> dict[str, Any]:
    assert name in Tile.__annotations__ or hasattr(Tile, name), f"`{name}` has no type"
    return {"name": name, "type": _TILE_TYPES.get(name, "int"), "doc": documentation(op.function)}


def decorator_options() -> Iterator[dict[str, Any]]:
    """The decorator's own keywords."""
    yield from (_option(name, text, "", "") for name, text in DECORATOR.items())


def setting_options() -> Iterator[dict[str, Any]]:
    """Every setting, each with the variable that gives it, None where only code can."""
    plain, meanings = Settings(), meanings_of_settings()
    for name in FIELD_NAMES:
        annotation = SettingOptions.__annotations__[name]
        type_ = getattr(annotation, "__forward_arg__", str(annotation))
        values = VALUES.get(name, ("True", "False") if type_ == "bool" else ())
        found = _option(name, OptionText(meanings.get(name, ""), values), type_, _default(plain, name))
        yield {**found, "variable": variable_of(name)}


def environment_options() -> Iterator[dict[str, Any]]:
    """The variables that the toolkit reads, each with its meaning and values."""
    yield from (_option(name, text, "", "") for name, text in ENVIRONMENT.items())
    for setting in setting_options():
        variable = setting["variable"]
        if variable is not None and variable not in ENVIRONMENT:
            words = f"The setting `{setting['name']}`, where the decorator does not give it. {setting['doc']}"
            values = ["1", "0"] if setting["type"] == "bool" else list(texts_of(variable) or ())
            yield {**setting, "name": variable, "doc": words, "values": values or [value.strip('"') for value in setting["values"]]}


def _default(settings: Settings, name: str) -> str:
    value = getattr(settings, name)
    return short_name(value) if isinstance(value, torch.dtype) else repr(getattr(value, "value", value))


def _option(name: str, text: OptionText, type_: str, default: str) -> dict[str, Any]:
    return {"name": name, "doc": text.meaning, "values": list(text.values), "type": type_, "default": default}
