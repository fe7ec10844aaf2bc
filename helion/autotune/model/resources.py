"""What a program occupies: read from an artifact, or guessed from its work before anything is compiled."""

from __future__ import annotations

from dataclasses import dataclass

from helion.autotune.model.work import Work
from helion.offline.artifact import Artifact
from helion.offline.occupancy import occupancy_of
from helion.target import Target

_FEWEST_REGISTERS = 24
_REGISTER_BYTES = 4
# Compilers take minutes over programs that need several times the registers there are, and nothing comes of it.
_TOO_MANY_REGISTERS = 4


@dataclass(frozen=True)
class Resources:
    """`blocks` programs fit on a multiprocessor (0: none). `local_bytes` of spilled registers a thread. `tensor_core` as in artifacts."""

    blocks: int
    local_bytes: float
    tensor_core: str | None
    guessed: bool


def resources_of(artifact: Artifact) -> Resources:
    """What the compiler found."""
    return Resources(artifact.occupancy.blocks, artifact.local_bytes, artifact.instructions.tensor_core, guessed=False)


def guess_resources(work: Work, target: Target) -> Resources:
    """Registers from the values alive at once, shared memory from the pipeline's stages; only good enough to skip hopeless configs."""
    threads = work.num_warps * target.warp_size
    wanted = _FEWEST_REGISTERS + work.live_bytes / threads / _REGISTER_BYTES
    # Compilers spill rather than emit a program that cannot be launched.
    most = min(target.max_registers_per_thread, target.registers_per_multiprocessor // threads)
    registers = int(min(wanted, most))
    spilled = max(0.0, wanted - most) * _REGISTER_BYTES
    occupancy = occupancy_of(registers, int(work.shared_bytes), work.num_warps, target)
    blocks = 0 if wanted > _TOO_MANY_REGISTERS * most else occupancy.blocks
    return Resources(blocks, spilled, _tensor_core(work, target), guessed=True)


def _tensor_core(work: Work, target: Target) -> str | None:
    if not work.dots:
        return None
    if target.vendor == "hip":
        return "mfma"
    if target.capability // 10 == 10:
        return "tcgen05"
    large = all(dot.m >= 64 for dot in work.dots) and work.num_warps >= 4
    return "wgmma" if target.capability // 10 == 9 and large else "mma"
