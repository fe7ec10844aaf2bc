"""A grid loop in, the axes along which its programs have more and more rounds to do out: who starts those last waits for them."""

from __future__ import annotations

from typing import cast

from torch import fx

from helion.device_ir.ir import DeviceIR, GridLoop
from helion.device_ir.nested import nested_graphs
from helion.device_ir.structure import LoopArguments, loop
from helion.device_ir.tile_bounds import tile_of_bound


def growing_axes(ir: DeviceIR, grid_loop: GridLoop) -> frozenset[int]:
    """The axes, by index, whose tile says where a loop inside ends that begins at one place for all, as in causal attention."""
    own = {axis.index for axis in grid_loop.axes}
    return frozenset(index for index in _ends(ir, grid_loop.graph) if index in own)


def _ends(ir: DeviceIR, graph: int) -> set[int]:
    found: set[int] = set()
    for node in ir.graphs[graph].graph.nodes:
        if node.target is loop:
            arguments = cast("LoopArguments", node.args)
            site = ir.loop_sites[arguments[1]]
            found |= {
                axis.index
                for begin, end, own in zip(arguments[2], arguments[3], site.axes, strict=True)
                if (own.begin is not None or not isinstance(begin, fx.Node)) and (axis := tile_of_bound(end, "begin", "end")) is not None
            }
        found.update(index for inner, _ in nested_graphs(ir, node) for index in _ends(ir, inner))
    return found
