"""The language's functions and the config's keys in, their reference pages out: signatures and words are those of the code."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from docs.accepted_dtypes import accepted_dtypes
from docs.signatures import signatures
from helion import language
from helion.config.knobs import KNOBS
from helion.ops.operation import Op
from helion.ops.table import OPS
from helion.types.types import Region

_PLACES = {Region.HOST: "Host code.", Region.DEVICE: "Device code.", None: ""}


@dataclass(frozen=True)
class Entry:
    """One public name of `helion.language`."""

    name: str
    signature: str
    place: str
    text: str
    example: str | None
    family: str


def entries() -> Iterator[Entry]:
    """Every public name in order of the families of operations."""
    found = [_entry(name, getattr(language, name)) for name in language.__all__]
    order = list(dict.fromkeys(getattr(op.function, "__module__", "") for op in OPS.ops))
    yield from sorted(found, key=lambda e: (order.index(e.family) if e.family in order else len(order), e.name))


def _entry(name: str, function: Any) -> Entry:
    op = OPS.find(function)
    text, _, example = (inspect.getdoc(function) or "").partition("\n\nExample:\n")
    if op is not None and op.tile_attribute is not None:
        text = f"{text} `tile.{op.tile_attribute}` is the same."
    place = "" if op is None else "Iterator of a `for`." if op.iterates is not None else _PLACES[op.region]
    return Entry(name, _signature(name, function), place, text, _unprompted(example) if example else None, function.__module__)


def _signature(name: str, function: Any) -> str:
    if inspect.isclass(function):
        return f"hl.{name}"
    return signatures(f"hl.{name}", function)


def _unprompted(example: str) -> str:
    return "\n".join(re.sub(r"^ {4}(>>>|\.\.\.) ?", "", line) for line in example.rstrip().split("\n"))


def language_page() -> str:
    """The reference of `hl`."""
    lines = [
        "# Language",
        "",
        "`import helion.language as hl`. Host code is what stands before and after the top-level loops of a kernel: ordinary PyTorch.",
        "Device code is what stands in them. In the examples `x`, `y` and `out` are tensors, and `tile_m`, `tile_n`, `tile_k` tiles of",
        "loops around the lines.",
    ]
    family = ""
    for entry in entries():
        if entry.family != family:
            family = entry.family
            lines += ["", f"## {_title(family)}"]
        words = " ".join(part for part in (entry.place, entry.text) if part)
        lines += ["", f"### hl.{entry.name}", "", "```python", entry.signature, "```", "", words]
        if entry.example is not None:
            lines += ["", "```python", entry.example, "```"]
    return "\n".join([*lines, *_facets()]) + "\n"


def _facets() -> Iterator[str]:
    """What each operation brings for each part of the toolkit."""
    yield from ("", "## What each operation has", "")
    yield "Every operation has a rule for its type, which gives the dtypes it takes and makes; the others are as marked. `inlined` is code"
    yield "that other operations make up, `loop` and `host` are none of a tile's. Dtypes are those of tensors that the example takes:"
    yield "`any` where theirs does not matter."
    yield ""
    yield "| operation | type rule | device code | reference | dtypes | lanes beyond a tile | example |"
    yield "|---|---|---|---|---|---|---|"
    for entry in entries():
        op = OPS.find(getattr(language, entry.name))
        if op is not None:
            reference = _mark(op.run or op.iterates or op.accesses)
            link, rule = f"[hl.{entry.name}](#hl{entry.name})", _mark(op.infer or op.iterates)
            dtypes = "any" if entry.example is None else accepted_dtypes(entry.example)
            shown = "" if entry.example is None else f"`{_last_line(entry.example)}`"
            yield f"| {' | '.join((link, rule, _device(op), reference, dtypes, _masks(op), shown))} |"


def _last_line(example: str) -> str:
    return example.splitlines()[-1].strip().replace("|", "\\|")


def _mark(facet: object) -> str:
    return "yes" if facet is not None else "no"


def _device(op: Op) -> str:
    if op.emit is not None:
        return "yes"
    return "loop" if op.iterates is not None else "host" if op.region is Region.HOST else "inlined"


def _masks(op: Op) -> str:
    """What an operation wants there, or that it does not look."""
    if op.masks is None:
        return "any"
    return ", ".join(f"`{name}` {value}" for name, value in op.masks.inputs.items() if value is not None) or "any"


def _title(module: str) -> str:
    """`Scans` of `helion.ops.scans`."""
    return module.rpartition(".")[2].replace("_", " ").capitalize()


_CONFIG_EXAMPLE = """\
<!-- file: double.py -->
```python
import torch

import helion
import helion.language as hl


@helion.kernel(config=helion.Config(block_sizes=[256], num_warps=8))
def double(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        out[tile] = x[tile] * 2
    return out
```

What a kernel has places for, with defaults and what is allowed:

```console
$ helion show double.py --space --args 'f32[4096]'
block_sizes              tile                                     default 1024 (32 when left out); it must be a power of two, at most 1048576
...
indexing                 load x[tile]                             default 'pointer'; allowed: 'pointer', 'block_ptr', 'tensor_descriptor'
indexing                 store out[tile]                          default 'pointer'; allowed: 'pointer', 'block_ptr', 'tensor_descriptor'
num_warps                kernel                                   default 4; it must be a power of two from 1 to 32
...
```""".split("\n")  # noqa: E501, SIM905 - as it stands on the page


def config_page() -> str:
    """The keys of `helion.Config`."""
    lines = [
        "# Config",
        "",
        "The keys of `helion.Config`. A list has an entry for each place that its description names, in the order of the text. A config",
        "never changes what a kernel means. A key that the kernel has no place for, or a value that it cannot have, is",
        "[an error](diagnostics/index.md#config) at the first call and in editors.",
        "",
        *_CONFIG_EXAMPLE,
    ]
    for knob in KNOBS:
        alias = "" if knob.alias is None else f" `{knob.alias}` is a list of one."
        kind = "A list." if knob.is_list else "One value."
        lines += ["", f"## {knob.key}", "", f"{kind} {knob.doc}{alias}"]
    return "\n".join(lines) + "\n"
