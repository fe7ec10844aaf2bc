"""Device IR and a config in, the `Work` of each grid loop out: walks the graphs once and multiplies by how often they run."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import sympy
import torch
from torch import fx

from helion.autotune.model.operation_costs import cost_of
from helion.autotune.model.work import BlockWork, DotWork, GridWork, MemoryWork, Work
from helion.codegen.access import indexed_shape
from helion.codegen.layout import Layout
from helion.codegen.phases import holds_chunks, split_into_phases
from helion.config.config import Config
from helion.device_ir.graph_builder import info_of
from helion.device_ir.ir import DeviceIR, GridLoop, LoopSite, MemorySite
from helion.device_ir.structure import STRUCTURE, branch, grid_index, host_tensor, loop, repeat
from helion.integers import next_power_of_2
from helion.ops import dot
from helion.ops.reductions import kind_of
from helion.ops.table import OPS
from helion.ops.tiles import tile_begin, tile_end
from helion.target import Target
from helion.types.dims import Dim
from helion.types.types import Axis, TensorType
from helion.types.untyped import is_sequence, is_slice

_DOTS = frozenset(op.name for op in dot.OPS)
# A loop whose length is only known on the device, and a branch, in the absence of anything better.
_UNKNOWN_TRIPS = 8.0
_BRANCH_TAKEN = 0.5
_ROWS_OF_A_WARP = 16
_LANE_RUN = 4
_INSIDE_A_WARP = 0.25


def count_work(ir: DeviceIR, config: Config, target: Target) -> tuple[Work, ...]:
    """One `Work` a grid loop, in source order. `config` must be normalized."""
    return tuple(_Counter(ir, config, target, grid_loop).count() for grid_loop in ir.grid_loops)


@dataclass
class _Counter:
    """The counts of one grid loop so far."""

    ir: DeviceIR
    config: Config
    target: Target
    grid_loop: GridLoop
    memory: list[MemoryWork] = field(default_factory=list[MemoryWork])
    dots: list[DotWork] = field(default_factory=list[DotWork])
    blocks: list[BlockWork] = field(default_factory=list[BlockWork])
    vector: float = 0.0
    special: float = 0.0
    live: float = 0.0
    pipeline_bytes: float = 0.0
    operand_bytes: float = 0.0
    # A kernel has few dims and many values of them, and a search asks about a thousand configs before it compiles one.
    _sizes: dict[Dim, int] = field(default_factory=dict[Dim, int])
    _lanes: dict[tuple[Dim, ...], int] = field(default_factory=dict[tuple[Dim, ...], int])

    def __post_init__(self) -> None:
        self.layout = Layout(self.ir, self.config)
        self.num_warps: Any = self.config["num_warps"]
        self.num_stages: Any = self.config["num_stages"]
        self.lanes = self.num_warps * self.target.warp_size

    def count(self) -> Work:
        self._graph(self.grid_loop.graph, 1.0, stages=0)
        return Work(
            grid=self._grid(),
            num_warps=self.num_warps,
            num_stages=self.num_stages,
            memory=tuple(self.memory),
            dots=tuple(self.dots),
            blocks=tuple(self.blocks),
            vector_operations=self.vector,
            special_operations=self.special,
            live_bytes=self.live,
            shared_bytes=max(self.pipeline_bytes, self.operand_bytes),
        )

    # -- the grid ---------------------------------------------------------------------------------------------------

    def _grid(self) -> GridWork:
        site = self.ir.loop_sites[self.grid_loop.loop_site]
        order = self.layout.loop_order(site)
        flat = self.layout.is_flattened(site)
        counts = (self._flat_trips(site),) if flat else tuple(self._trips(self.grid_loop.axes[position]) for position in order)
        pid_type: Any = self.config.get("pid_type", "flat")
        groups: Any = self.config.get("l2_groupings", ())
        several = [s.index for s in self.ir.loop_sites if s.is_grid and len(s.axes) >= 2]
        position = several.index(site.index) if site.index in several else len(groups)
        multiplier: Any = self.config.get("num_sm_multiplier", 1)
        persistent = pid_type.startswith("persistent")
        return GridWork(
            counts=tuple(max(0, math.ceil(count)) for count in counts),
            group=groups[position] if position < len(groups) and not flat else 1,
            resident_programs=self.target.multiprocessors * multiplier if persistent else None,
            blocked=pid_type == "persistent_blocked",
        )

    def _grid_axes_of(self, node: fx.Node, shape: Sequence[Dim]) -> tuple[int, ...]:
        """Positions, in the grid's order, of the axes that an access's address depends on."""
        loop_site = self.ir.loop_sites[self.grid_loop.loop_site]
        flat = self.layout.is_flattened(loop_site)
        axes = [self.grid_loop.axes[-1]] if flat else [self.grid_loop.axes[p] for p in self.layout.loop_order(loop_site)]
        symbols = {symbol for length in shape for symbol in length.free_symbols}
        names, named_axes = _index_sources(node.args[1])
        return tuple(
            position
            for position, axis in enumerate(axes)
            if (axis.block is not None and axis.block.symbol in symbols) or axis.index in named_axes or axis.name in names
        )

    # -- lengths ----------------------------------------------------------------------------------------------------

    def _trips(self, axis: Axis) -> float:
        if axis.begin is None or axis.end is None:
            return _UNKNOWN_TRIPS
        extent = max(0, self._size(axis.end) - self._size(axis.begin))
        return math.ceil(extent / self._block_length(axis))

    def _flat_trips(self, site: LoopSite) -> float:
        extent = math.prod(self._size(axis.end) for axis in site.axes if axis.end is not None)
        return math.ceil(extent / self._block_length(site.axes[-1]))

    def _block_length(self, axis: Axis) -> int:
        return 1 if axis.block is None else self.layout.block_length(axis.block)

    def _size(self, value: Dim) -> int:
        if value not in self._sizes:
            self._sizes[value] = self.ir.hint(self.layout.with_config(value))
        return self._sizes[value]

    def _padded(self, value: Dim) -> int:
        if value in self.layout.rolled:
            return self.layout.rolled[value]
        return next_power_of_2(self._size(value))

    def _lanes_of(self, shape: tuple[Dim, ...]) -> int:
        if shape not in self._lanes:
            self._lanes[shape] = math.prod(self._padded(length) for length in shape)
        return self._lanes[shape]

    # -- graphs -----------------------------------------------------------------------------------------------------

    def _graph(self, index: int, executions: float, *, stages: int) -> None:
        graph = self.ir.graphs[index].graph
        nodes = [node for node in graph.nodes if node.op == "call_function"]
        extents = [extent for extent in self.layout.rolled if any(holds_chunks(node, extent) for node in nodes)]
        if not extents:
            self._block(nodes, executions, stages=stages)
            return
        extent = extents[0]
        chunks = math.ceil(self._size(extent) / self.layout.rolled[extent])
        for phase in split_into_phases(nodes, extent):
            self._block(phase.straight, executions, stages=stages)
            self._block(phase.looped, executions * chunks, stages=0)

    def _block(self, nodes: Sequence[fx.Node], executions: float, *, stages: int) -> None:
        if not nodes:
            return
        loads, reductions, dots = 0, 0.0, 0
        fed = _feeding_dots(nodes)
        for node in nodes:
            info = info_of(node)
            if node.target in STRUCTURE:
                self._structure(node, executions)
            elif info.site is not None:
                ahead = stages if stages > 1 and node in fed else 0
                self._access(node, self.ir.memory_sites[info.site], executions, ahead=ahead)
                loads += self.ir.memory_sites[info.site].kind == "load" and not ahead
            elif (op := OPS.find(node.target)) is not None and op.name in _DOTS:
                self._dot(node, executions)
                dots += 1
            elif kind_of(node.target) is not None:
                reductions += self._reduction(node, has_dots=bool(fed))
                self._elements(node.args[0], executions, 1.0, 0.0)
            elif op is None:
                simple, special = cost_of(node.target)
                self._elements(node, executions, simple, special)
        self.live = max(self.live, self._live_bytes(nodes))
        self.blocks.append(BlockWork(executions, int(loads > 0), reductions, dots, stages if fed else 0))

    def _structure(self, node: fx.Node, executions: float) -> None:
        args: Any = node.args
        if node.target is loop:
            trips = math.prod(self._loop_trips(node))
            self._graph(args[0], executions * trips, stages=self._stages(args[1]))
        elif node.target is branch:
            self._graph(args[1], executions * _BRANCH_TAKEN, stages=0)
            self._graph(args[2], executions * _BRANCH_TAKEN, stages=0)
        elif node.target is repeat:
            self._graph(args[0], executions * _UNKNOWN_TRIPS, stages=0)
            self._graph(args[1], executions * _UNKNOWN_TRIPS, stages=0)

    def _stages(self, site_index: int) -> int:
        site = self.ir.loop_sites[site_index]
        options: Any = self.config.get("range_num_stages", ())
        entry = self.layout.range_entry(site, len(site.axes) - 1)
        chosen = options[entry] if entry < len(options) else 0
        return chosen or self.num_stages

    def _loop_trips(self, node: fx.Node) -> Iterator[float]:
        args: Any = node.args
        site = self._loop_site(args[1])
        if self.layout.is_flattened(site):
            yield self._flat_trips(site)
            return
        for axis, begin, end in zip(site.axes, args[2], args[3], strict=True):
            low, high = self._bound(axis.begin, begin), self._bound(axis.end, end)
            if low is None or high is None:
                yield _UNKNOWN_TRIPS
            else:
                yield max(0.0, math.ceil((high - low) / self._block_length(axis)))

    def _loop_site(self, index: int) -> LoopSite:
        return self.ir.loop_sites[index]

    def _bound(self, known: Dim | None, value: Any) -> float | None:
        """A loop's bound: exact, or the average over programs when it is another tile's begin or end."""
        if known is not None:
            return self._size(known)
        if isinstance(value, int):
            return value
        if isinstance(value, sympy.Expr):
            return self._size(value)
        if isinstance(value, fx.Node) and value.target in (tile_begin, tile_end):
            axis: Any = value.args[0]
            if axis.begin is not None and axis.end is not None:
                half = self._block_length(axis) / 2
                middle = (self._size(axis.begin) + self._size(axis.end)) / 2
                return middle - half if value.target is tile_begin else middle + half
        return None

    # -- nodes ------------------------------------------------------------------------------------------------------

    def _access(self, node: fx.Node, site: MemorySite, executions: float, *, ahead: int) -> None:
        if site.tensor.rank is None or site.tensor.dtype is None:
            return
        item = site.tensor.dtype.itemsize
        shape = indexed_shape(site.tensor, node.args[1])
        lengths = [self.layout.rolled.get(d) or self._size(d) for d in shape]
        self.memory.append(
            MemoryWork(
                name=site.name,
                tensor=_tensor_name(node.args[0]),
                is_load=site.kind == "load",
                bytes=math.prod(lengths) * item,
                executions=executions,
                tensor_bytes=math.prod(self._size(d) for d in site.tensor.dims) * item,
                grid_axes=self._grid_axes_of(node, shape),
                contiguous_bytes=self._contiguous(node, site, lengths) * item,
                pipelined=ahead > 0,
            )
        )
        self.pipeline_bytes += ahead * self._lanes_of(shape) * item

    def _contiguous(self, node: fx.Node, site: MemorySite, lengths: list[int]) -> int:
        """The length of the result dim that walks the tensor's dense dimension; 1 when none does."""
        strides = site.tensor.stride
        rank = len(site.tensor.dims)
        dense = rank - 1
        if strides is not None:
            dense = next((i for i in range(rank - 1, -1, -1) if strides[i] == 1), -1)
        index: Any = node.args[1]
        elements: list[Any] = [e for e in (index if is_sequence(index) else (index,)) if e is not None]
        if dense < 0 or (dense < len(elements) and not _spans(elements[dense])):
            return 1
        after = sum(_spans(e) for e in elements[dense + 1 :]) + max(0, rank - max(len(elements), dense + 1))
        position = len(lengths) - 1 - after
        return lengths[position] if 0 <= position < len(lengths) else 1

    def _dot(self, node: fx.Node, executions: float) -> None:
        operands = [a for a in node.args if isinstance(a, fx.Node) and isinstance(info_of(a).type, TensorType)]
        op = OPS.find(node.target)
        assert op is not None
        left, right = operands[-2:] if op.function is torch.addmm else operands[:2]
        left_type, right_type = info_of(left).type, info_of(right).type
        assert isinstance(left_type, TensorType) and isinstance(right_type, TensorType)
        m, k = (self._padded(d) for d in left_type.dims[-2:])
        n = self._padded(right_type.dims[-1])
        batch = math.prod(self._padded(d) for d in left_type.dims[:-2])
        bits = 8 * max(t.dtype.itemsize if t.dtype is not None else 2 for t in (left_type, right_type))
        self.operand_bytes = max(self.operand_bytes, (m + n) * k * bits / 8)
        self.dots.append(DotWork(int(batch), m, n, k, bits, executions))

    def _reduction(self, node: fx.Node, *, has_dots: bool) -> float:
        """1 for a reduction across warps, less for one inside each warp. Warps of a dot's result own 16 rows each; else Triton lays
        out lanes, then warps, along the last dimension first."""
        source: Any = node.args[0]
        type_ = info_of(source).type
        if not isinstance(type_, TensorType) or not type_.shape:
            return 1.0
        row = self._padded(type_.dims[-1])
        rows = self._lanes_of(type_.dims[:-1])
        inside = rows >= _ROWS_OF_A_WARP * self.num_warps if has_dots else row <= _LANE_RUN * self.target.warp_size
        return _INSIDE_A_WARP if inside else 1.0

    def _elements(self, node: Any, executions: float, simple: float, special: float) -> None:
        if not isinstance(node, fx.Node):
            return
        type_ = info_of(node).type
        shape = type_.dims if isinstance(type_, TensorType) and type_.rank is not None else ()
        lanes = max(self._lanes_of(shape), self.lanes) * executions
        self.vector += lanes * simple
        self.special += lanes * special

    def _live_bytes(self, nodes: Sequence[fx.Node]) -> float:
        """The two largest values of a block: what registers must at least hold."""
        sizes = sorted(
            self._lanes_of(t.dims) * max(2, t.dtype.itemsize if t.dtype is not None else 4)
            for node in nodes
            if isinstance(t := info_of(node).type, TensorType) and node.target is not host_tensor and t.rank is not None
        )
        return sum(sizes[-2:])


def _tensor_name(node: Any) -> str:
    return info_of(node).name or node.name


def _feeding_dots(nodes: Sequence[fx.Node]) -> set[fx.Node]:
    """The nodes of a block whose values reach a dot in it: the loads among them are those Triton fetches ahead."""
    fed: set[fx.Node] = set()
    for node in reversed(nodes):
        op = OPS.find(node.target)
        if node in fed or (op is not None and op.name in _DOTS):
            fed.update(node.all_input_nodes)
    return fed


def _index_sources(index: Any) -> tuple[set[str], set[int]]:
    """The names of scalars and the axes that an index is computed from."""
    names: set[str] = set()
    axes: set[int] = set()
    stack: list[Any] = [index]
    seen: set[fx.Node] = set()
    while stack:
        element = stack.pop()
        if isinstance(element, Axis):
            axes.add(element.index)
        elif is_sequence(element):
            stack.extend(element)
        elif is_slice(element):
            stack.extend((element.start, element.stop))
        elif isinstance(element, fx.Node) and element not in seen:
            seen.add(element)
            if element.op == "placeholder" or element.target is grid_index:
                names.add(info_of(element).name)
            stack.extend(element.args)
    return names, axes


def _spans(element: Any) -> int:
    """How many dims an index element gives the result."""
    if isinstance(element, Axis):
        return int(element.block is not None)
    if isinstance(element, fx.Node):
        type_ = info_of(element).type
        return len(type_.shape) if isinstance(type_, TensorType) else 0
    return int(isinstance(element, slice))
