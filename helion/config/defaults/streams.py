"""Loops whose rounds load some of a tensor and store some: how many rounds there are and what one loads, under blocks of given sizes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from torch import fx

from helion.config.defaults.growth import Growth
from helion.device_ir.graph_builder import info_of
from helion.device_ir.ir import DeviceIR, LoopSite
from helion.device_ir.structure import EFFECTS, LoopArguments, loop
from helion.device_ir.tile_bounds import tile_of_bound
from helion.ops.table import OPS
from helion.types.types import Block, TensorType


@dataclass(frozen=True)
class Stream:
    """An innermost loop over one tile. `inside` is the block whose tile says where it ends, if one does; `loaded` are the types of what a
    round loads."""

    site: LoopSite
    block: Block
    inside: Block | None
    loaded: tuple[TensorType, ...]

    def rounds(self, growth: Growth) -> int:
        """How many rounds a program has; 0 where nothing says."""
        size = growth.sizes[self.block.index]
        if self.inside is not None:
            return growth.sizes[self.inside.index] // size
        return 0 if self.block.extent is None else growth.ir.hint(self.block.extent) // size

    def bytes_of_a_round(self, growth: Growth) -> int:
        """What a round loads."""
        return sum(
            math.prod(growth.length(size) for size in type_.dims) * (2 if type_.dtype is None else type_.dtype.itemsize)
            for type_ in self.loaded
        )


def find_streams(ir: DeviceIR) -> tuple[Stream, ...]:
    """The loops that load what no other access loads, and store: others have no round to wait for, or find in the cache what they load."""
    return tuple(_streams(ir))


def _streams(ir: DeviceIR) -> Iterator[Stream]:
    graphs = {graph.index: graph.graph for graph in ir.graphs}
    for node in [node for graph in graphs.values() for node in graph.nodes if node.target is loop]:
        index, site_index, _, ends, *_ = cast("LoopArguments", node.args)
        site = next(site for site in ir.loop_sites if site.index == site_index)
        nodes = [n for n in graphs[index].nodes if n.op == "call_function"]
        kinds = {n: op.accesses for n in nodes if (op := OPS.find(n.target)) is not None and op.accesses is not None}
        block = site.axes[0].block
        if len(site.axes) > 1 or block is None or any(n.target in EFFECTS for n in nodes) or not {"load", "store"} <= set(kinds.values()):
            continue
        loads = [n for n, kind in kinds.items() if kind == "load"]
        if any(_is_loaded_again(ir, n) for n in loads):
            continue
        types = [info_of(n).type for n in loads]
        around = tile_of_bound(ends[0], "end")
        yield Stream(
            site, block, None if around is None else around.block, tuple(type_ for type_ in types if isinstance(type_, TensorType))
        )


def _is_loaded_again(ir: DeviceIR, load: fx.Node) -> bool:
    names = [site.name for site in ir.memory_sites if site.load_index is not None]
    own = info_of(load).site
    return own is not None and names.count(ir.memory_sites[own].name) > 1
