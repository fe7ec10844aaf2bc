"""What a compiled kernel takes in, lines for somebody who reads them out: with units, and with how much of it there is."""

from __future__ import annotations

from helion.offline.artifact import Artifact
from helion.target import Target


def resource_lines(artifact: Artifact, target: Target) -> list[str]:
    """One line a number; `helion show --resources` has the same for programs."""
    occupancy = artifact.occupancy
    blocks = f"{occupancy.blocks} block{'' if occupancy.blocks == 1 else 's'} a multiprocessor"
    rows = {
        "registers": f"{artifact.registers} of {target.max_registers_per_thread} a thread",
        "spills": f"{artifact.spills} registers a thread" if artifact.spills else "0",
        "shared memory": f"{artifact.shared_memory:,} of {target.shared_memory_per_block:,} bytes a block",
        "occupancy": f"{100 * occupancy.fraction:.3g} %: {blocks}, limited by {occupancy.limited_by}",
        "warps": str(artifact.num_warps),
        "stages": str(artifact.num_stages),
        "tensor cores": artifact.instructions.tensor_core or "not used",
        "tensor memory accelerator": "used" if artifact.instructions.uses_tma else "not used",
    }
    return [f"{name:<26} {value}" for name, value in rows.items()]
