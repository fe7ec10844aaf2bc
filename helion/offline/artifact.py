"""What compiling a module yields: machine code with its resources and line map, or a failure; plain data without triton."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from helion.offline.occupancy import Occupancy
from helion.source import Span


@dataclass(frozen=True)
class InstructionFacts:
    """What the assembly text shows.

    `tensor_core` is "wgmma", "mma", "tcgen05", "mfma" or None. `counts` are static numbers of instructions by group
    ("tensor_core", "tma", "async_copy", "global_load", "global_store", "exponential"), not executions.
    `widest_global_access` is in bytes a thread, 0 when there is none.
    """

    tensor_core: str | None
    uses_tma: bool
    uses_async_copy: bool
    widest_global_access: int
    counts: Mapping[str, int] = field(default_factory=dict[str, int])


@dataclass(frozen=True)
class LineMap:
    """`entries` pairs a 0-based line of the assembly with the 0-based line of the Triton text it belongs to, from there on."""

    entries: tuple[tuple[int, int], ...]

    def lines(self, count: int) -> Iterator[tuple[int, int]]:
        """Each assembly line of the first `count` that is known to belong to a Triton line, with that line."""
        for number, (first, line) in enumerate(self.entries):
            end = self.entries[number + 1][0] if number + 1 < len(self.entries) else count
            yield from ((inner, line) for inner in range(first, min(end, count)))

    def triton_line(self, assembly_line: int) -> int | None:
        """The Triton line of an assembly line, or None before the first known one."""
        index = bisect_right(self.entries, (assembly_line, 1 << 62)) - 1
        return self.entries[index][1] if index >= 0 else None


@dataclass(frozen=True)
class Artifact:
    """One compiled module. `assembly` is PTX (vendor "cuda") or AMDGCN text (vendor "hip"); `binary` is the cubin or hsaco.

    `registers` are per thread; `local_bytes` is local memory per thread in bytes, which is where spilled registers live;
    `shared_memory` is bytes per block. `source_map` pairs an assembly line with the span of the kernel's file.
    """

    target: str
    kernel_name: str
    assembly: str
    binary: bytes = field(repr=False)
    registers: int
    local_bytes: int
    shared_memory: int
    num_warps: int
    num_stages: int
    occupancy: Occupancy
    instructions: InstructionFacts
    line_map: LineMap
    source_map: tuple[tuple[int, Span], ...]
    compile_seconds: float

    @property
    def spills(self) -> int:
        """Spilled 32-bit registers per thread, as Triton's `n_spills` counts them."""
        return self.local_bytes // 4

    def resources(self) -> dict[str, object]:
        """The numbers of `helion show --resources` and of trial logs; JSON-ready."""
        return {
            "registers": self.registers,
            "spills": self.spills,
            "shared_memory": self.shared_memory,
            "num_warps": self.num_warps,
            "num_stages": self.num_stages,
            "blocks_per_multiprocessor": self.occupancy.blocks,
            "occupancy": round(self.occupancy.fraction, 4),
            "limited_by": self.occupancy.limited_by,
            "tensor_core": self.instructions.tensor_core,
            "tma": self.instructions.uses_tma,
        }


@dataclass(frozen=True)
class CompileFailure:
    """Why there is no artifact. `kind` groups failures in histograms:

    "module" (the generated text does not load), "triton" (Triton rejected or failed on it), "assembler" (ptxas or its like),
    "out-of-resources" (compiled, but the target cannot launch it), "miscompiled" (a fault of ptxas, seen in the machine code),
    "timeout", "crash" (the compiler's process died),
    "unavailable" (triton, or a tool of it, is not installed or is interpreting).
    """

    kind: str
    message: str

    def first_line(self) -> str:
        return next((line for line in self.message.splitlines() if line.strip()), self.kind)
