"""DeviceIR: FX graphs per basic block, the loops that run them, and the sites that a config can say something about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from sympy import Integer
from torch import fx

from helion.device_ir.late_inductor import LATE_INDUCTOR, InductorAdapter
from helion.source import Span
from helion.typed_kernel.tree import HostStatement, TypedKernel
from helion.types.dims import Dim, constant, substitute
from helion.types.types import Axis, Block, TensorType, Type

NODE_INFO = "helion"
CAST: Any = torch.ops.prims.convert_element_type.default  # the node that changes a dtype


@dataclass(frozen=True)
class NodeInfo:
    """The one metadata key of ours on an FX node. `invalid_lanes` is what lanes beyond the tile hold: a number, or None for anything.
    `known_past` are the dims past whose ends they do, None for all: lanes past the end of others hold anything. `merged` are the dims of a
    value that a reshape merged, each with what it was made of. `after_barrier` is a load of what other threads of the program may have
    stored, `is_rewritten` an access to a tensor that is both read and written."""

    type: Type
    span: Span
    name: str = ""
    invalid_lanes: float | int | bool | None = None
    known_past: tuple[Dim, ...] | None = None
    site: int | None = None
    pure: bool = True
    after_barrier: bool = False
    is_rewritten: bool = False
    merged: tuple[tuple[Dim, tuple[Dim, ...]], ...] = ()

    def knows_past(self, dims: Iterable[Dim]) -> bool:
        """Whether what is known of invalid lanes is known of those past the end of each of `dims`."""
        return self.known_past is None or all(dim in self.known_past for dim in dims)


@dataclass(frozen=True)
class Graph:
    """One basic block. Its placeholders are the values it reads from outside, in the order of the calling node's arguments; its output
    is the tuple of values carried or merged."""

    index: int
    kind: str
    graph: fx.Graph

    @property
    def has_code(self) -> bool:
        """Whether the block does anything."""
        return any(node.op == "call_function" for node in self.graph.nodes)


HostElement = tuple[str, TensorType]
"""What the host calls a tensor of one element, and its type."""


@dataclass(frozen=True)
class GridLoop:
    """One top-level loop: its graph is one program's body; its axes map to the launch grid.

    `phase` counts the barriers before it. `begins` and `ends` are, by axis, the one-element tensor of the host that holds the axis' begin
    or end; None where that is a number.
    """

    loop_site: int
    axes: tuple[Axis, ...]
    graph: int
    span: Span
    phase: int = 0
    begins: tuple[HostElement | None, ...] = ()
    ends: tuple[HostElement | None, ...] = ()


@dataclass(frozen=True)
class MemorySite:
    """One load, store or atomic, in program order. `indexing_index` is its position in `config["indexing"]` (None for atomics),
    `atomic_index` that in `config["atomic_indexing"]`, `load_index` that in `config["load_eviction_policies"]` (None
    for loads that say it themselves). `may_be_cut`: a tile of its index may end before the tensor does."""

    index: int
    kind: str
    name: str
    span: Span
    tensor: TensorType
    result: TensorType
    can_use_block_pointer: bool
    load_index: int | None
    indexing_index: int | None = None
    atomic_index: int | None = None
    may_be_cut: bool = False


_MAX_STATIC_ROUNDS = 8


def _has_few_rounds(axis: Axis) -> bool:
    if axis.begin is None or axis.end is None or (axis.block is not None and axis.block.fixed is None):
        return False
    extent = constant(axis.end - axis.begin)
    step = axis.block.fixed if axis.block is not None else axis.step
    length = 1 if step is None else constant(step)
    return extent is not None and length is not None and -(-extent // length) <= _MAX_STATIC_ROUNDS


@dataclass(frozen=True)
class LoopSite:
    """One loop: `index` in source order; grid loops have launch knobs, nested loops have range knobs. `can_flatten`: several tiles that
    may be one tile of the product of their extents."""

    index: int
    name: str
    span: Span
    axes: tuple[Axis, ...]
    is_grid: bool
    begins_at_zero: bool
    can_flatten: bool

    @property
    def static_places(self) -> tuple[tuple[int, int], ...]:
        """The dimensions of a nested loop that run a known, small number of rounds, each as (site, position)."""
        if self.is_grid:
            return ()
        return tuple((self.index, position) for position, axis in enumerate(self.axes) if _has_few_rounds(axis))


@dataclass(frozen=True)
class ReductionSite:
    """One distinct full-slice extent (`:`) that is reduced over: `index` is its position in `config["reduction_loops"]` when `can_loop`."""

    index: int
    name: str
    span: Span
    extent: Dim
    can_loop: bool


@dataclass(frozen=True)
class DeviceIR:
    """A kernel ready for any config. `host` keeps the order of host statements and grid loops; `hints` give a number for every named
    size (the first call's sizes, or a guess in the editor), only ever used to choose, never for meaning. `size_minimums` are the
    lanes that a size known at run time alone needs at least, where a dot has it. `inductor` is asked for nodes that are no ops of ours."""

    kernel: TypedKernel
    graphs: tuple[Graph, ...]
    grid_loops: tuple[GridLoop, ...]
    host: tuple[HostStatement | int, ...]
    blocks: tuple[Block, ...]
    memory_sites: tuple[MemorySite, ...]
    loop_sites: tuple[LoopSite, ...]
    reduction_sites: tuple[ReductionSite, ...]
    block_minimums: Mapping[int, int]
    block_maximums: Mapping[int, int]
    size_minimums: Mapping[Dim, int] = field(default_factory=dict[Dim, int])
    dot_dims: tuple[tuple[Dim, Dim, Dim, torch.dtype | None], ...] = ()
    hints: Mapping[Any, int] = field(default_factory=dict[Any, int])
    inductor: InductorAdapter = field(default=LATE_INDUCTOR, compare=False, repr=False)

    @property
    def phases(self) -> tuple[tuple[GridLoop, ...], ...]:
        """The grid loops between barriers."""
        last = self.grid_loops[-1].phase
        return tuple(tuple(loop for loop in self.grid_loops if loop.phase == phase) for phase in range(last + 1))

    @property
    def needs_persistent_programs(self) -> bool:
        """Whether only programs that stay on the device can run it: they wait for each other, or read on the device how many tiles
        there are."""
        return len(self.phases) > 1 or any(bound is not None for loop in self.grid_loops for bound in (*loop.begins, *loop.ends))

    def hint(self, dim: Dim, unknown: int = 8192) -> int:
        """A number for a size: exact when constant, else from the hints and what tunables are by default."""
        chosen: dict[Any, int] = {tunable.symbol: int(tunable.fragment.default()) for tunable in self.kernel.tunables}
        return int(substitute(dim, {s: Integer(chosen.get(s, self.hints.get(s, unknown))) for s in dim.free_symbols}))
