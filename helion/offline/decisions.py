"""A compiled module in, what its machine code does at each place of the source out: tensor cores, copies and their widths, spills."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from helion.codegen.decisions import Decision, distinct
from helion.codegen.triton_module import TritonModule
from helion.offline.artifact import Artifact
from helion.offline.assembly import instruction_groups, widest_access
from helion.source import Span
from helion.target import Target

_DOT = re.compile(r"\btl\.dot(?:_scaled)?\(")
_NAMES = {"wgmma": "wgmma", "mma": "mma.sync", "tcgen05": "tcgen05.mma", "mfma": "mfma"}
_NARROW = 4
_HOPPER = range(90, 100)


def compiled_decisions(artifact: Artifact, module: TritonModule, target: Target, kernel: Span) -> tuple[Decision, ...]:
    """`kernel` is the place of what concerns the whole kernel: spilled registers, and how many programs run at a time."""
    code = _code_by_place(artifact, module)
    return distinct((*_of_kernel(artifact, kernel), *_of_products(artifact, module, target, code), *_of_memory(target, code)))


def _code_by_place(artifact: Artifact, module: TritonModule) -> Mapping[Span, str]:
    """The assembly that stands for each place; a loop's own lines are for the loop."""
    lines = artifact.assembly.splitlines()
    spans = dict(module.source_map)
    found: dict[Span, list[str]] = {}
    for number, line in artifact.line_map.lines(len(lines)):
        if line in spans:
            found.setdefault(spans[line], []).append(lines[number])
    return {span: "\n".join(texts) for span, texts in found.items()}


def _of_kernel(artifact: Artifact, kernel: Span) -> Iterator[Decision]:
    if artifact.spills:
        words = f"{artifact.spills} registers a thread are spilled to memory, beside the {artifact.registers} it has"
        yield Decision("spills", kernel, f"{words}: smaller tiles, fewer stages or more warps need fewer")
    else:
        yield Decision("spills", kernel, f"nothing is spilled: {artifact.registers} registers a thread")
    blocks = artifact.occupancy.blocks
    programs = "1 program runs" if blocks == 1 else f"{blocks} programs run"
    yield Decision("occupancy", kernel, f"{programs} on a multiprocessor at a time, limited by {artifact.occupancy.limited_by}")


def _of_products(artifact: Artifact, module: TritonModule, target: Target, code: Mapping[Span, str]) -> Iterator[Decision]:
    text = module.text.splitlines()
    places = {span for line, span in module.source_map if line < len(text) and _DOT.search(text[line])}
    unit = artifact.instructions.tensor_core
    for place in places:
        count = instruction_groups(code.get(place, ""), target.vendor)["tensor_core"]
        if unit is None:
            yield Decision("instructions", place, "the compiled code has no tensor core instructions: these are multiply-adds")
        elif count:
            times = f"{count} × " if count > 1 else ""
            smaller = target.capability in _HOPPER and target.vendor == "cuda" and unit == "mma"
            why = "; `wgmma`, which is faster, takes at least 64 rows and 4 warps" if smaller else ""
            yield Decision("instructions", place, f"runs on tensor cores: {times}`{_NAMES[unit]}` in the compiled code{why}")


def _of_memory(target: Target, code: Mapping[Span, str]) -> Iterator[Decision]:
    for place, text in code.items():
        counts = instruction_groups(text, target.vendor)
        width = widest_access(text, target.vendor)
        ways = list(_ways(counts, target))
        if ways:
            by = " and ".join(ways)
            wide = f", {width} byte{'' if width == 1 else 's'} a thread at most" if width else ""
            hint = ": neighbouring lanes are not known to lie side by side" if 0 < width < _NARROW else ""
            yield Decision("instructions", place, f"moves by {by}{wide}{hint}")


def _ways(counts: Counter[str], target: Target) -> Iterator[str]:
    is_amd = target.vendor == "hip"
    names: Sequence[tuple[str, str]] = (
        ("tma", "the copy engine (TMA)"),
        ("async_copy", "loads to shared memory" if is_amd else "`cp.async`"),
        ("global_load", "loads" if is_amd else "`ld.global`"),
        ("global_store", "stores" if is_amd else "`st.global`"),
    )
    yield from (words for group, words in names if counts[group])
