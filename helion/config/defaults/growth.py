"""Block sizes that grow in order of importance until the largest value of a program has so many elements."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from torch import fx

from helion.config.defaults.index_steps import blocks_of_step_one
from helion.config.knobs.block_sizes import block_range
from helion.config.knobs.reduction_loops import DEFAULT_CHUNK, LARGEST_WHOLE
from helion.device_ir.graph_builder import info_of
from helion.device_ir.ir import DeviceIR
from helion.device_ir.structure import index_elements
from helion.integers import next_power_of_2
from helion.ops.table import OPS
from helion.types.dims import Dim, constant
from helion.types.types import Axis, Block, Region, TensorType


@dataclass
class Growth:
    """The sizes so far, by block index; tuned blocks begin at the smallest that is allowed."""

    ir: DeviceIR
    sizes: dict[int, int] = field(default_factory=dict[int, int])

    def __post_init__(self) -> None:
        for block in self.ir.blocks:
            fixed = None if block.fixed is None else constant(block.fixed)
            self.sizes[block.index] = block_range(self.ir, block)[0] if block.entry is not None else fixed or 1

    def grow(self, blocks: Sequence[Block], elements: int, largest: int) -> None:
        """Double each block in turn while no value has more than `elements` and the block is no longer than `largest`."""
        for block in blocks:
            if block.entry is None:
                continue
            high = min(block_range(self.ir, block)[1], largest)
            while self.sizes[block.index] < high:
                self.sizes[block.index] *= 2
                if self.elements() > elements:
                    self.sizes[block.index] //= 2
                    break

    def set(self, block: Block, wanted: int) -> None:
        low, high = block_range(self.ir, block)
        self.sizes[block.index] = max(low, min(high, wanted))

    def elements(self) -> int:
        """The elements of the largest value."""
        return max((math.prod(self.length(size) for size in shape) for shape in self.shapes), default=1)

    def length(self, size: Dim) -> int:
        """The lanes of a dim."""
        block = self._blocks.get(size)
        if block is not None:
            return self.sizes[block.index]
        extent = next_power_of_2(self.ir.hint(size))
        return DEFAULT_CHUNK if extent > LARGEST_WHOLE else extent

    @cached_property
    def _blocks(self) -> dict[object, Block]:
        return {block.symbol: block for block in self.ir.blocks}

    @cached_property
    def shapes(self) -> frozenset[tuple[Dim, ...]]:
        """The distinct shapes of device values."""
        types = (info_of(node).type for graph in self.ir.graphs for node in graph.graph.nodes if node.op != "output")
        return frozenset(t.dims for t in types if isinstance(t, TensorType) and t.region is Region.DEVICE and t.rank is not None)

    def holds(self, block: Block) -> bool:
        """Whether any value has the block as a dimension."""
        return any(block.symbol in shape for shape in self.shapes)

    def block_sizes(self) -> list[int]:
        return [self.sizes[block.index] for block in self.ir.blocks if block.entry is not None]


def contiguous_blocks(ir: DeviceIR) -> frozenset[int]:
    """The blocks whose tiles walk along the innermost dimension of memory in some access (of a tensor whose strides are not known: along
    its last)."""
    return frozenset(_contiguous(ir))


def _contiguous(ir: DeviceIR) -> Iterator[int]:
    for element in (element for node in accesses(ir) for element in elements_along_memory(node)):
        if isinstance(element, Axis) and element.block is not None:
            yield element.block.index
        elif isinstance(element, fx.Node):
            yield from blocks_of_step_one(element)


def elements_along_memory(access: fx.Node) -> Iterator[object]:
    """What an access has in its subscript for the dims along which elements are neighbours in memory."""
    tensor, index = access.args[0], access.args[1]
    assert isinstance(tensor, fx.Node)
    type_ = info_of(tensor).type
    if not isinstance(type_, TensorType) or type_.rank is None:
        return
    elements = [item for item in index_elements(index) if item is not None]
    for position, element in enumerate(elements):
        if position == type_.rank - 1 if type_.stride is None else position < type_.rank and type_.stride[position] == 1:
            yield element


def accesses(ir: DeviceIR) -> Iterator[fx.Node]:
    """Every load, store and atomic, in the order of the graphs."""
    for graph in ir.graphs:
        for node in graph.graph.nodes:
            op = OPS.find(node.target) if node.op == "call_function" else None
            if op is not None and op.accesses is not None:
                yield node
