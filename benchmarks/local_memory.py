"""An artifact that spills in, how often its machine code touches local memory out, how often in a loop, and how long that loop is."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import triton

from helion.offline.artifact import Artifact

_TOOL: Any = triton.knobs.nvidia.cuobjdump
# Of cuobjdump: an address and an instruction.
_NVIDIA = re.compile(r"^\s*/\*([0-9a-f]{4,})\*/\s+(.*?);", re.MULTILINE)
_NVIDIA_BRANCH = re.compile(r"\bBRA\b.*?0x([0-9a-f]+)")
_NVIDIA_LOCAL = re.compile(r"\b(?:LDL|STL)\b")
_AMD_LABEL = re.compile(r"^(\.LBB\w+):")
_AMD_BRANCH = re.compile(r"^\s+s_c?branch\w*\s+(\.LBB\w+)")
_AMD_LOCAL = re.compile(r"^\s+scratch_(?:load|store)")
_AMD_INSTRUCTION = re.compile(r"^\s+[a-z]\w+\s")


@dataclass(frozen=True)
class LocalMemory:
    """Instructions of the machine code: `accesses` to local memory, those `in_loops`, and all of the shortest loops around these."""

    accesses: int
    in_loops: int
    loop_instructions: int


def local_memory(artifact: Artifact) -> LocalMemory:
    """Branches back are taken for loops."""
    instructions, jumps = _of_amd(artifact.assembly) if artifact.target.startswith("gfx") else _of_nvidia(artifact.binary)
    loops = [(target, source) for source, target in jumps.items() if target < source]
    places = [place for place, is_local in enumerate(instructions) if is_local]
    around = {place: [loop for loop in loops if loop[0] <= place <= loop[1]] for place in places}
    shortest = {min(inside, key=lambda loop: loop[1] - loop[0]) for inside in around.values() if inside}
    return LocalMemory(len(places), sum(map(bool, around.values())), sum(last - first + 1 for first, last in shortest))


def _of_nvidia(binary: bytes) -> tuple[Sequence[bool], Mapping[int, int]]:
    """Whether each instruction touches local memory, and where branches lead, by number."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "kernel.cubin"
        path.write_bytes(binary)
        text = subprocess.run([_TOOL.path, "-sass", str(path)], capture_output=True, text=True, check=True).stdout
    found = [(int(address, 16), words) for address, words in _NVIDIA.findall(text)]
    numbers = {address: number for number, (address, _) in enumerate(found)}
    targets = {number: branch for number, (_, words) in enumerate(found) if (branch := _NVIDIA_BRANCH.search(words))}
    return [bool(_NVIDIA_LOCAL.search(words)) for _, words in found], {n: numbers[int(b[1], 16)] for n, b in targets.items()}


def _of_amd(text: str) -> tuple[Sequence[bool], Mapping[int, int]]:
    """As `_of_nvidia`."""
    found: list[bool] = []
    labels: dict[str, int] = {}
    branches: dict[int, str] = {}
    for line in text.splitlines():
        if label := _AMD_LABEL.match(line):
            labels[label[1]] = len(found)
        elif _AMD_INSTRUCTION.match(line):
            if branch := _AMD_BRANCH.match(line):
                branches[len(found)] = branch[1]
            found.append(bool(_AMD_LOCAL.match(line)))
    return found, {place: labels[label] for place, label in branches.items()}
