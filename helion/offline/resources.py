"""Machine code in, registers and local memory per thread out: read by the vendor's disassembler, or from AMD's metadata text."""

from __future__ import annotations

import re
from dataclasses import dataclass

from helion.offline.cuobjdump import cuobjdump

_CUBIN_FACTS = re.compile(r"REG:(\d+) STACK:(\d+) SHARED:(\d+) LOCAL:(\d+)")


@dataclass(frozen=True)
class ThreadResources:
    """Per thread: registers, and bytes of local memory (stack frame), where spilled registers live."""

    registers: int
    local_bytes: int


def cubin_resources(cubin: bytes) -> ThreadResources:
    """What a cubin needs. Raises RuntimeError when its machine code cannot be read."""
    printed = cuobjdump(cubin, "--dump-resource-usage")
    match = _CUBIN_FACTS.search(printed)
    if match is None:
        msg = f"cuobjdump found no resource usage: {printed.strip()}"
        raise RuntimeError(msg)
    registers, stack, _, local = map(int, match.groups())
    return ThreadResources(registers, max(stack, local))


def amdgcn_resources(amdgcn: str) -> ThreadResources:
    """What AMDGCN text says in its metadata; vector registers count, a spilled one is 4 bytes."""
    facts = {name: int(number) for name, number in re.findall(r"^\s*[.-]?\s*\.(\w+):\s+(\d+)\s*$", amdgcn, re.M)}
    registers = facts.get("vgpr_count", 0)
    return ThreadResources(registers, max(4 * facts.get("vgpr_spill_count", 0), facts.get("private_segment_fixed_size", 0)))
