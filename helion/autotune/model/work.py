"""What one launch does, counted: the plain data between the kernel (`count_work`) and the clock (`estimate`)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class MemoryWork:
    """One load or store of `tensor`. `bytes` useful bytes an execution, `executions` per program.

    `tensor_bytes` is the whole tensor's size; `grid_axes` are positions in `GridWork.counts` that its address depends on: programs
    that agree on them touch the same bytes. `contiguous_bytes` is the longest run of neighbouring addresses in one execution.
    `pipelined` when Triton fetches it ahead: it is in a loop and feeds a dot, or the loop asks for stages.
    """

    name: str
    tensor: str
    is_load: bool
    bytes: float
    executions: float
    tensor_bytes: float
    grid_axes: tuple[int, ...]
    contiguous_bytes: int
    pipelined: bool


@dataclass(frozen=True)
class DotWork:
    """One product of padded tiles `[m, k] @ [k, n]`, `batch` of them, `executions` per program, of operands of `bits` each."""

    batch: int
    m: int
    n: int
    k: int
    bits: int
    executions: float


@dataclass(frozen=True)
class BlockWork:
    """One basic block. `waits` is 1 when an execution stands still for loads that were not fetched ahead; `reductions` counts
    those across a program's warps, and those inside a warp for a part; `dots` are its products; `pipelined_stages` is how far ahead
    the block's loads are fetched (0: not)."""

    executions: float
    waits: int
    reductions: float
    dots: int
    pipelined_stages: int


@dataclass(frozen=True)
class GridWork:
    """The programs of one grid loop: tiles a dimension, outermost first as ids count them, and how ids map to tiles.

    `group` tiles of the second innermost dimension are walked before the next of the innermost (1: not grouped). `resident_programs`
    is the number launched by a persistent kernel, None when every tile has its own program; `blocked` gives each a contiguous share.
    """

    counts: tuple[int, ...]
    group: int = 1
    resident_programs: int | None = None
    blocked: bool = False

    @property
    def tiles(self) -> int:
        product = 1
        for count in self.counts:
            product *= count
        return product


@dataclass(frozen=True)
class Work:
    """One grid loop's work. Element counts are padded lanes per program: what the hardware does, useful or not.

    `vector_operations` are simple operations on one lane, `special_operations` go to the transcendental unit. `live_bytes` guesses
    the largest set of tile values alive at once, `shared_bytes` the shared memory of pipelines and of products' operands.
    """

    grid: GridWork
    num_warps: int
    num_stages: int
    memory: tuple[MemoryWork, ...]
    dots: tuple[DotWork, ...]
    blocks: tuple[BlockWork, ...]
    vector_operations: float
    special_operations: float
    live_bytes: float
    shared_bytes: float
