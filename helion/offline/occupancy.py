"""Registers, shared memory and warps of one block in, blocks per multiprocessor out, by the vendors' allocation rules."""

from __future__ import annotations

from dataclasses import dataclass

from helion.target import Target

# NVIDIA: CUDA C++ Programming Guide, "Technical Specifications per Compute Capability", and the occupancy calculator.
REGISTERS_PER_ALLOCATION = 256
SUBPARTITIONS = 4
SHARED_GRANULARITY = 128
SHARED_RESERVED = 1024
# AMD: CDNA3 ISA guide, VGPRs are allocated to a wave in groups of 8 per lane, at most 8 waves a SIMD.
VGPR_GRANULARITY = 8
WAVES_PER_SIMD = 8


@dataclass(frozen=True)
class Occupancy:
    """`blocks` may run at once on one multiprocessor (0: none can); `fraction` is active warps over the most there can be."""

    blocks: int
    fraction: float
    limited_by: str


def occupancy_of(registers: int, shared_memory: int, num_warps: int, target: Target) -> Occupancy:
    """How many blocks fit. `registers` per thread, `shared_memory` bytes per block."""
    max_warps = target.max_threads_per_multiprocessor // target.warp_size
    limits = {
        "registers": _warps_by_registers(registers, target) // num_warps,
        "shared memory": _blocks_by_shared_memory(shared_memory, target),
        "warps": max_warps // num_warps,
        "blocks": target.max_blocks_per_multiprocessor,
    }
    limited_by = min(limits, key=lambda name: limits[name])
    blocks = limits[limited_by]
    return Occupancy(blocks, blocks * num_warps / max_warps, limited_by)


def _warps_by_registers(registers: int, target: Target) -> int:
    if target.vendor == "hip":
        per_lane = -(-max(registers, 1) // VGPR_GRANULARITY) * VGPR_GRANULARITY
        available = target.registers_per_multiprocessor // (SUBPARTITIONS * target.warp_size)
        return SUBPARTITIONS * min(WAVES_PER_SIMD, available // per_lane)
    per_warp = max(registers, 1) * target.warp_size
    allocated = -(-per_warp // REGISTERS_PER_ALLOCATION) * REGISTERS_PER_ALLOCATION
    return SUBPARTITIONS * (target.registers_per_multiprocessor // SUBPARTITIONS // allocated)


def _blocks_by_shared_memory(shared_memory: int, target: Target) -> int:
    if shared_memory > target.shared_memory_per_block:
        return 0
    reserved = 0 if target.vendor == "hip" else SHARED_RESERVED
    allocated = -(-(shared_memory + reserved) // SHARED_GRANULARITY) * SHARED_GRANULARITY
    return target.shared_memory_per_multiprocessor // allocated if allocated else target.max_blocks_per_multiprocessor
