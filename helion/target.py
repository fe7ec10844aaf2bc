"""Facts of a device that change generated code or its estimate: a frozen value that needs no GPU to exist."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """One architecture. Sizes in bytes unless said; rates are peak, used only for estimates.

    Source: vendors' published architecture tables; measured rates replace them where `benchmarks/results` has them.
    """

    name: str
    vendor: str
    capability: int
    warp_size: int
    multiprocessors: int
    shared_memory_per_block: int
    shared_memory_per_multiprocessor: int
    registers_per_multiprocessor: int
    max_registers_per_thread: int
    max_threads_per_multiprocessor: int
    max_blocks_per_multiprocessor: int
    l2_bytes: int
    memory_bandwidth: float
    tensor_core_flops_16bit: float
    vector_flops_f32: float
    has_tensor_descriptor: bool
    has_warp_specialization: bool

    @property
    def minimum_dot(self) -> tuple[int, int, int]:
        """The smallest M, N, K that Triton's `tl.dot` accepts here for 16-bit operands."""
        return (16, 16, 16)


def _nvidia(name: str, cap: int, sms: int, block: int, sm_shared: int, threads: int, blocks: int, l2: int, bw: float, tc: float, f32: float) -> Target:
    return Target(
        name=name,
        vendor="cuda",
        capability=cap,
        warp_size=32,
        multiprocessors=sms,
        shared_memory_per_block=block,
        shared_memory_per_multiprocessor=sm_shared,
        registers_per_multiprocessor=65536,
        max_registers_per_thread=255,
        max_threads_per_multiprocessor=threads,
        max_blocks_per_multiprocessor=blocks,
        l2_bytes=l2,
        memory_bandwidth=bw,
        tensor_core_flops_16bit=tc,
        vector_flops_f32=f32,
        has_tensor_descriptor=cap >= 90,
        has_warp_specialization=cap >= 100,
    )


TARGETS: tuple[Target, ...] = (
    _nvidia("sm_80", 80, 108, 166912, 167936, 2048, 32, 40 << 20, 1.9e12, 312e12, 19.5e12),
    _nvidia("sm_86", 86, 84, 101376, 102400, 1536, 16, 6 << 20, 0.7e12, 125e12, 30e12),
    _nvidia("sm_89", 89, 142, 101376, 102400, 1536, 24, 72 << 20, 0.86e12, 362e12, 80e12),
    _nvidia("sm_90", 90, 132, 232448, 233472, 2048, 32, 50 << 20, 4.26e12, 790e12, 60e12),
    _nvidia("sm_100", 100, 148, 232448, 233472, 2048, 32, 126 << 20, 7.0e12, 1800e12, 75e12),
    Target(
        name="gfx950",
        vendor="hip",
        capability=950,
        warp_size=64,
        multiprocessors=256,
        shared_memory_per_block=163840,
        shared_memory_per_multiprocessor=163840,
        registers_per_multiprocessor=131072,
        max_registers_per_thread=512,
        max_threads_per_multiprocessor=2048,
        max_blocks_per_multiprocessor=16,
        l2_bytes=4 << 20,
        memory_bandwidth=6.5e12,
        tensor_core_flops_16bit=2300e12,
        vector_flops_f32=150e12,
        has_tensor_descriptor=False,
        has_warp_specialization=False,
    ),
)


def find_target(name: str) -> Target | None:
    """The target named `sm_90`, `gfx950`, ..., or None."""
    return next((target for target in TARGETS if target.name == name), None)


DEFAULT_TARGET = TARGETS[3]
