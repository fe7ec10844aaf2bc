"""A device IR of several grid loops in, one of each loop alone out, for rules that look at one; and their values put together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from helion.device_ir.graph_builder import info_of
from helion.device_ir.ir import DeviceIR, GridLoop
from helion.device_ir.nested import nested_graphs
from helion.device_ir.structure import loop
from helion.types.types import Block, TensorType


def each_grid_loop(ir: DeviceIR) -> tuple[DeviceIR, ...]:
    """The IR of every grid loop alone: its graphs, sites, blocks, reductions and dots. Accesses to memory are not told apart."""
    return tuple(_alone(ir, one) for one in ir.grid_loops)


def _alone(ir: DeviceIR, grid_loop: GridLoop) -> DeviceIR:
    inside = set(_graphs_from(ir, grid_loop.graph))
    nodes = [node for index in sorted(inside) for node in ir.graphs[index].graph.nodes if node.op != "output"]
    sites = {grid_loop.loop_site, *(node.args[1] for node in nodes if node.target is loop)}
    loop_sites = tuple(site for site in ir.loop_sites if site.index in sites)
    blocks = {axis.block.index for site in loop_sites for axis in site.axes if axis.block is not None}
    symbols = {block.symbol for block in ir.blocks if block.index in blocks}
    held = {size for node in nodes if isinstance(type_ := info_of(node).type, TensorType) for size in type_.shape}
    return replace(
        ir,
        graphs=tuple(ir.graphs[index] for index in sorted(inside)),
        grid_loops=(grid_loop,),
        loop_sites=loop_sites,
        blocks=tuple(block for block in ir.blocks if block.index in blocks),
        reduction_sites=tuple(site for site in ir.reduction_sites if site.extent in held),
        dot_dims=tuple(dims for dims in ir.dot_dims if any(size.free_symbols & symbols for size in dims[:3])),
    )


def _graphs_from(ir: DeviceIR, graph: int) -> Iterator[int]:
    yield graph
    for node in ir.graphs[graph].graph.nodes:
        for nested, _ in nested_graphs(ir, node):
            yield from _graphs_from(ir, nested)


def joined_values(ir: DeviceIR, parts: Sequence[DeviceIR], values: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """One config for loops that share a launch: a block that several loops have is the shortest of theirs; warps and stages, of which
    there is one number, are the largest."""
    sizes: dict[int, int] = {}
    for part, chosen in zip(parts, values, strict=True):
        for block, size in zip(_tuned(part), chosen["block_sizes"], strict=True):
            sizes[block.index] = min(size, sizes.get(block.index, size))
    joined: dict[str, Any] = {"block_sizes": [sizes.get(block.index, block.minimum) for block in _tuned(ir)]}
    for key in ("num_warps", "num_stages", "epilogue_subtile"):
        joined[key] = max((chosen[key] for chosen in values if key in chosen), default=None)
    indexing = [chosen["indexing"] for chosen in values if "indexing" in chosen]
    joined["indexing"] = indexing[0] if indexing else None
    joined["l2_groupings"] = [
        grouping
        for part, chosen in zip(parts, values, strict=True)
        for grouping in chosen.get("l2_groupings", [1 for site in part.loop_sites if site.is_grid and len(site.axes) >= 2])
    ]
    return {key: value for key, value in joined.items() if value}


def _tuned(ir: DeviceIR) -> list[Block]:
    return [block for block in ir.blocks if block.entry is not None]
