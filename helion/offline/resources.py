"""Machine code in, registers and local memory per thread out: read by the vendor's disassembler, or from AMD's metadata text."""

from __future__ import annotations

import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import triton

_CUBIN_FACTS = re.compile(r"REG:(\d+) STACK:(\d+) SHARED:(\d+) LOCAL:(\d+)")
_TOOLS = Path(triton.__file__).parent / "backends" / "nvidia" / "bin"
_TOOL_SECONDS = 20


@dataclass(frozen=True)
class ThreadResources:
    """Per thread: registers, and bytes of local memory (stack frame), where spilled registers live."""

    registers: int
    local_bytes: int


def cubin_resources(cubin: bytes) -> ThreadResources:
    """What a cubin needs, by the `cuobjdump` that ships with Triton. Raises RuntimeError with the tool's words when it fails."""
    with tempfile.NamedTemporaryFile(suffix=".cubin") as file:
        file.write(cubin)
        file.flush()
        run = subprocess.run(
            [str(_TOOLS / "cuobjdump"), "--dump-resource-usage", file.name],
            capture_output=True,
            text=True,
            check=False,
            timeout=_TOOL_SECONDS,
        )
    match = _CUBIN_FACTS.search(run.stdout)
    if match is None:
        msg = f"cuobjdump found no resource usage: {run.stderr.strip() or run.stdout.strip()}"
        raise RuntimeError(msg)
    registers, stack, _, local = map(int, match.groups())
    return ThreadResources(registers, max(stack, local))


def amdgcn_resources(amdgcn: str) -> ThreadResources:
    """What AMDGCN text says in its metadata; vector registers count, a spilled one is 4 bytes."""
    facts = {name: int(number) for name, number in re.findall(r"^\s*[.-]?\s*\.(\w+):\s+(\d+)\s*$", amdgcn, re.M)}
    registers = facts.get("vgpr_count", 0)
    return ThreadResources(registers, max(4 * facts.get("vgpr_spill_count", 0), facts.get("private_segment_fixed_size", 0)))
