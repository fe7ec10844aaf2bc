"""Config files of inference engines in, locks out: `E=8,N=14336,device_name=NVIDIA_H100_80GB_HBM3,dtype=fp8_w8a8.json`, a config an M."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from helion.diagnostics.catalog.runtime import BadSignature
from helion.signatures.notation import parse_notation
from helion.types.untyped import is_dict
from helion_codemods.outcome import Refused

_FIELD = re.compile(r"(?P<key>[A-Za-z_]\w*)=(?P<value>\[[^\]]*\]|[^,]*)(?:,|$)")
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_LAUNCH = ("num_warps", "num_stages", "waves_per_eu", "matrix_instr_nonkdim")
_BLOCKS = ("BLOCK_SIZE_M", "BLOCK_SIZE_N", "BLOCK_SIZE_K")


@dataclass(frozen=True)
class Meaning:
    """What the engine's names mean for a kernel. `signature` has the sizes of a file's name and `{M}`, the key in it, in braces:
    `bf16[{M},{K}], bf16[{K},{N}]`; `sizes` gives those that neither says. `block_sizes` and `groupings` are the names for each entry of
    the lists; `ignored` are names that the kernel has no use for.
    """

    signature: str
    sizes: Mapping[str, int] = field(default_factory=dict[str, int])
    block_sizes: tuple[str, ...] = _BLOCKS
    groupings: tuple[str, ...] = ("GROUP_SIZE_M",)
    ignored: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Imported:
    """One lock of a file, with what its evidence says of where it is from."""

    device: str
    signature: str
    config: dict[str, Any]
    source: Mapping[str, Any]


def read_engine_file(name: str, text: str, meaning: Meaning) -> tuple[Imported, ...] | Refused:
    """The locks of one file, `name` being that of the file without its folders; refused whole, with the first thing that is not
    understood, since a config that lacks a part is another config."""
    stem = name.removesuffix(".json")
    facts = {match["key"]: match["value"] for match in _FIELD.finditer(stem)}
    device = facts.get("device_name", "").replace("_", " ")
    if not device:
        return Refused(f"`{name}` names no device: `device_name=...` is missing")
    try:
        data: Any = json.loads(text)
    except ValueError as problem:
        return Refused(f"`{name}` is not JSON: {problem}")
    if not is_dict(data):
        return Refused(f"`{name}` is not a JSON object of configs by M")
    source = {"file": name, **({"triton": data["triton_version"]} if "triton_version" in data else {})}
    found: list[Imported] = []
    for key, values in data.items():
        if key == "triton_version":
            continue
        if not str(key).isdigit() or not is_dict(values):
            return Refused(f"`{name}`: `{key}` is not a size with its config")
        config = _config(values, meaning)
        signature = _signature({**facts, **meaning.sizes, "M": key}, meaning)
        problem = next((part.reason for part in (config, signature) if isinstance(part, Refused)), None)
        if isinstance(config, Refused) or isinstance(signature, Refused):
            return Refused(f"`{name}`, M={key}: {problem}")
        found.append(Imported(device, signature, config, source))
    return tuple(found)


def _config(values: Mapping[str, Any], meaning: Meaning) -> dict[str, Any] | Refused:
    known = {*_LAUNCH, *meaning.block_sizes, *meaning.groupings, *meaning.ignored}
    unknown = [name for name in values if name not in known]
    if unknown:
        return Refused(f"`{unknown[0]}` is not known; say what it is, or that it is to be ignored")
    missing = [name for name in meaning.block_sizes if name not in values]
    if missing:
        return Refused(f"`{missing[0]}` is missing; say which names are the kernel's block sizes")
    config: dict[str, Any] = {"block_sizes": [values[name] for name in meaning.block_sizes]}
    groupings = [values.get(name, 1) for name in meaning.groupings]
    if any(value != 1 for value in groupings):
        config["l2_groupings"] = groupings
    return {**config, **{name: values[name] for name in _LAUNCH if name in values}}


def _signature(sizes: Mapping[str, Any], meaning: Meaning) -> str | Refused:
    missing = [name for name in _PLACEHOLDER.findall(meaning.signature) if name not in sizes]
    if missing:
        return Refused(f"`{{{missing[0]}}}` of the signature is neither in the file's name nor given")
    text = _PLACEHOLDER.sub(lambda match: str(sizes[match[1]]), meaning.signature)
    types = parse_notation(text)
    return Refused(types.message()) if isinstance(types, BadSignature) else text
