"""Facts of a device that change generated code or its estimate: a frozen value that needs no GPU to exist."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """One architecture, with the numbers of one product of it. Sizes in bytes unless said; rates are what good kernels reach, a second,
    and serve estimates only. `vector_flops_f32` counts a multiply-add as two."""

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
    def has_tensor_float(self) -> bool:
        """Whether `tl.dot` can round float32 operands to TF32; where it cannot it takes `ieee` only."""
        return self.vendor == "cuda" or self.name == "gfx942"

    @property
    def multiplies_from_shared_memory(self) -> bool:
        """Whether tensor cores read the right operand from shared memory only, and the left one from there or from registers (`wgmma`)."""
        return self.vendor == "cuda" and self.capability // 10 == 9

    @property
    def has_tensor_memory(self) -> bool:
        """Whether products of 64 rows and more write their sums to memory of the tensor cores, while the program goes on (`tcgen05`)."""
        return self.vendor == "cuda" and self.capability // 10 == 10

    @property
    def dies(self) -> int:
        """Chiplets that programs are dealt to in turn, each with an L2 cache of its own."""
        return 8 if self.vendor == "hip" else 1

    @property
    def minimum_dot(self) -> tuple[int, int, int]:
        """The smallest M, N, K that Triton's `tl.dot` accepts here for 16-bit operands."""
        return (16, 16, 16)


@dataclass(frozen=True)
class _Nvidia:
    """What differs between NVIDIA's architectures; the register file has 65,536 registers in all of them."""

    capability: int
    multiprocessors: int
    shared_block: int
    shared_multiprocessor: int
    threads: int
    blocks: int
    l2_mib: int
    bandwidth: float
    tensor_flops: float
    vector_flops: float

    def target(self) -> Target:
        cap = self.capability
        return Target(
            name=f"sm_{cap}",
            vendor="cuda",
            capability=cap,
            warp_size=32,
            multiprocessors=self.multiprocessors,
            shared_memory_per_block=self.shared_block,
            shared_memory_per_multiprocessor=self.shared_multiprocessor,
            registers_per_multiprocessor=65536,
            max_registers_per_thread=255,
            max_threads_per_multiprocessor=self.threads,
            max_blocks_per_multiprocessor=self.blocks,
            l2_bytes=self.l2_mib << 20,
            memory_bandwidth=self.bandwidth,
            tensor_core_flops_16bit=self.tensor_flops,
            vector_flops_f32=self.vector_flops,
            has_tensor_descriptor=cap >= 90,
            has_warp_specialization=cap // 10 == 10,
        )


def _amd(name: str, units: int, lds_kib: int, l2_mib: int, bandwidth: float, matrix_flops: float, vector_flops: float) -> Target:
    """CDNA: 64 lanes a wave, four SIMDs a compute unit with 512 registers a lane each."""
    return Target(
        name=name,
        vendor="hip",
        capability=int(name.removeprefix("gfx")),
        warp_size=64,
        multiprocessors=units,
        shared_memory_per_block=lds_kib << 10,
        shared_memory_per_multiprocessor=lds_kib << 10,
        registers_per_multiprocessor=131072,
        max_registers_per_thread=512,
        max_threads_per_multiprocessor=2048,
        max_blocks_per_multiprocessor=16,
        l2_bytes=l2_mib << 20,
        memory_bandwidth=bandwidth,
        tensor_core_flops_16bit=matrix_flops,
        vector_flops_f32=vector_flops,
        has_tensor_descriptor=False,
        has_warp_specialization=False,
    )


# Limits: CUDA C++ Programming Guide, "Technical Specifications per Compute Capability"; CDNA3 and CDNA4 ISA guides. Counts, caches and
# rates of one product each: A100 80 GB, RTX A6000, L40S, H200, B200, RTX 5090; MI300X, MI355X. Bandwidths are what a copy reaches
# (H200: 4,256 GB/s measured; the others 0.85 to 0.93 of their data sheets), tensor rates of the H200 what cuBLAS reaches (790 TFLOP/s
# measured), of the others their data sheets' dense rates times the H200's ratio of 0.8.
TARGETS: tuple[Target, ...] = (
    _Nvidia(80, 108, 166912, 167936, 2048, 32, 40, 1.75e12, 250e12, 19.5e12).target(),
    _Nvidia(86, 84, 101376, 102400, 1536, 16, 6, 0.70e12, 125e12, 38e12).target(),
    _Nvidia(89, 142, 101376, 102400, 1536, 24, 96, 0.78e12, 290e12, 91e12).target(),
    _Nvidia(90, 132, 232448, 233472, 2048, 32, 60, 4.256e12, 790e12, 60e12).target(),
    _Nvidia(100, 148, 232448, 233472, 2048, 32, 126, 7.0e12, 1800e12, 75e12).target(),
    _Nvidia(120, 170, 101376, 102400, 1536, 24, 96, 1.6e12, 168e12, 105e12).target(),
    _amd("gfx942", 304, 64, 4, 4.3e12, 1040e12, 163e12),
    _amd("gfx950", 256, 160, 4, 6.5e12, 1840e12, 157e12),
)


def find_target(name: str) -> Target | None:
    """The target named `sm_90`, `gfx950`, ..., or None."""
    return next((target for target in TARGETS if target.name == name), None)


DEFAULT_TARGET = TARGETS[3]  # sm_90
