"""PTX or AMDGCN text in, instruction facts and the line map of its `.loc` directives out; runs no tool."""

from __future__ import annotations

import re
from collections import Counter

from helion.offline.artifact import InstructionFacts, LineMap

_GROUPS = {
    "cuda": {
        "tensor_core": re.compile(r"^\s*(?:@%\w+ )?(wgmma\.mma_async|tcgen05\.mma|mma\.sync)", re.M),
        "tma": re.compile(r"cp\.async\.bulk\.tensor"),
        "async_copy": re.compile(r"cp\.async\.c[ag]\."),
        "global_load": re.compile(r"\bld\.global"),
        "global_store": re.compile(r"\bst\.global"),
        "exponential": re.compile(r"\bex2\.approx"),
    },
    "hip": {
        "tensor_core": re.compile(r"\bv_s?mfma"),
        "tma": re.compile(r"(?!)"),
        "async_copy": re.compile(r"\b(?:global|buffer)_load_lds|\bbuffer_load_\w+ .*\blds\b"),
        "global_load": re.compile(r"\b(?:global|buffer|flat)_load"),
        "global_store": re.compile(r"\b(?:global|buffer|flat)_store"),
        "exponential": re.compile(r"\bv_exp_f32"),
    },
}
_TENSOR_CORES = (("wgmma", "wgmma.mma_async"), ("tcgen05", "tcgen05.mma"), ("mma", "mma.sync"), ("mfma", "mfma"))
_GLOBAL_ACCESS = re.compile(r"\b(?:ld|st)\.global[\w:.]*?(?:\.v(\d))?\.[a-z](\d+)\b")
_AMD_ACCESS = re.compile(r"\b(?:global|buffer|flat)_(?:load|store)_(dwordx([234])|dword|short|ubyte|byte|[bu]16|b(\d+))")
# A file, without its folders, and a line of it.
_FRAME = re.compile(r"([^\s/;\[]+):(\d+):\d+")
# A second list of registers behind that of the sums.
_FROM_REGISTERS = re.compile(r"wgmma\.mma_async[^;{]*\{[^}]*\},\s*\{")
_ASYNC_COPY_BYTES = re.compile(r"cp\.async\.c[ag]\.[^;]*?,\s*(4|8|16|0x4|0x8|0x10)\b")


def instruction_facts(assembly: str, vendor: str) -> InstructionFacts:
    """Which units the code uses, and how wide it touches memory."""
    counts = instruction_groups(assembly, vendor)
    tensor_core = next((name for name, text in _TENSOR_CORES if counts["tensor_core"] and text in assembly), None)
    return InstructionFacts(
        tensor_core=tensor_core,
        uses_tma=counts["tma"] > 0,
        uses_async_copy=counts["async_copy"] > 0,
        widest_global_access=widest_access(assembly, vendor),
        counts=counts,
    )


def multiplies_from_registers(ptx: str) -> bool:
    """Whether some `wgmma` takes its left operand from registers."""
    return _FROM_REGISTERS.search(ptx) is not None


def instruction_groups(assembly: str, vendor: str) -> Counter[str]:
    """How many instructions of each group stand in a text."""
    return Counter({group: len(pattern.findall(assembly)) for group, pattern in _GROUPS[vendor].items()})


def widest_access(assembly: str, vendor: str) -> int:
    """The bytes of the widest access to memory of a thread, 0 when there is none."""
    widths = [0]
    if vendor == "cuda":
        widths += [int(count or 1) * int(bits) // 8 for count, bits in _GLOBAL_ACCESS.findall(assembly)]
        widths += [int(text, 0) for text in _ASYNC_COPY_BYTES.findall(assembly)]
    else:
        for kind, words, bits in _AMD_ACCESS.findall(assembly):
            small = 1 if "byte" in kind else 2 if kind in ("short", "b16", "u16") else 4
            widths.append(4 * int(words) if words else int(bits) // 8 if bits else small)
    return max(widths)


def line_map(assembly: str) -> LineMap:
    """Where each run of assembly lines comes from in the kernel's file.

    That is the file of the first `.loc`, whatever its name: Triton finds compiled kernels again by their text and the line they begin at,
    so that the name is of the module that was compiled first. Code inlined from a library counts for the line that called it. LLVM repeats
    every `.loc` as a comment that spells out the inlining: `standard.py:191:40 @[ kernel.py:6:18 ]`.
    """
    entries: list[tuple[int, int]] = []
    name = ""
    for index, text in enumerate(assembly.splitlines()):
        frames: list[tuple[str, str]] = _FRAME.findall(text) if text.lstrip().startswith(".loc") else []
        if not frames:
            continue
        name = name or frames[-1][0]
        line = next((int(number) for file, number in frames if file == name), 0) - 1
        if line >= 0 and (not entries or entries[-1][1] != line):
            entries.append((index, line))
    return LineMap(tuple(entries))
