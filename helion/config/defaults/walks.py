"""Kernels that walk over tiles inside a program, without dots: online reductions, two passes, column sums, tiles of tiles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from helion.config.defaults.growth import Growth, accesses, contiguous_blocks
from helion.config.defaults.ragged import ragged_blocks
from helion.device_ir.graph_builder import info_of
from helion.device_ir.ir import DeviceIR
from helion.integers import next_power_of_2
from helion.target import Target
from helion.types.types import Block, TensorType

_LONGEST_CHUNK = 16384
# Rows whose length is read on the device are often short, and lanes beyond the end are lost.
_LONGEST_OF_UNKNOWN = 1024
_ELEMENTS_OF_ROWS = 2048
_ELEMENTS_OF_COLUMNS = 4096
_ELEMENTS_OF_A_WARP = 1024
_PROGRAMS_OF_A_MULTIPROCESSOR = 4


def walk_values(ir: DeviceIR, target: Target) -> Mapping[str, Any]:
    """Long chunks of few rows where the walk goes along memory; where it goes across, as many columns as a cache line has and more.

    Measured: a two-pass softmax over rows of 8,192 takes 38 µs in one chunk, 44 in two, 54 in eight; over rows of 32,768 168 µs in chunks
    of 16,384 by 16 warps, 203 in chunks of 4,096; keeping lines for the second pass and dropping them after it saves a tenth.

    Rows of different lengths are programs of their own: together they would all take as long as the longest.
    """
    growth = Growth(ir)
    along = contiguous_blocks(ir)
    inner = _blocks(ir, is_grid=False)
    ragged = ragged_blocks(ir)
    outer = [block for block in _blocks(ir, is_grid=True) if block not in inner and block not in ragged]
    walked = [block for block in inner if block.index in along]
    others = [block for block in (*inner, *reversed(outer)) if block not in walked]
    if walked:
        for block in walked:
            longest = _LONGEST_CHUNK if block.extent is not None else _LONGEST_OF_UNKNOWN
            growth.grow([block], longest // _crowding(ir, block), longest)
        growth.grow(others, _ELEMENTS_OF_ROWS, _ELEMENTS_OF_ROWS)
    else:
        growth.grow([block for block in reversed(outer) if block.index in along], _ELEMENTS_OF_ROWS, 128)
        growth.grow(others, _ELEMENTS_OF_COLUMNS, 64)
    _share_out(ir, growth, outer, target)
    warps = next_power_of_2(max(1, growth.elements() // _ELEMENTS_OF_A_WARP))
    values: dict[str, Any] = {"block_sizes": growth.block_sizes(), "num_warps": max(4, min(16, warps))}
    policies = _policies(ir)
    if any(policies):
        values["load_eviction_policies"] = policies
    return values


def _blocks(ir: DeviceIR, *, is_grid: bool) -> list[Block]:
    found = [axis.block for site in ir.loop_sites if site.is_grid is is_grid for axis in site.axes if axis.block is not None]
    return list({block.index: block for block in found}.values())


def _crowding(ir: DeviceIR, block: Block) -> int:
    """By how much a chunk is shorter because several values of its length are held at once: loads, and what a loop carries."""
    carried = [node for graph in ir.graphs for node in graph.graph.nodes if node.op == "placeholder"]
    types = [info_of(node).type for node in (*carried, *accesses(ir))]
    held = sum(isinstance(type_, TensorType) and block.symbol in type_.shape for type_ in types)
    return next_power_of_2(max(1, (held + 1) // 2))


def _share_out(ir: DeviceIR, growth: Growth, outer: list[Block], target: Target) -> None:
    """Tiles that only bound the tiles inside them are as long as leaves every multiprocessor some programs."""
    for block in outer:
        if block.entry is not None and not growth.holds(block):
            extent = 8192 if block.extent is None else ir.hint(block.extent)
            growth.set(block, next_power_of_2(max(1, extent // (target.multiprocessors * _PROGRAMS_OF_A_MULTIPROCESSOR))))


def _policies(ir: DeviceIR) -> list[str]:
    """Lines that a later loop loads again are kept, and dropped when loaded for the last time."""
    names = [site.name for site in ir.memory_sites if site.load_index is not None]
    return ["" if names.count(name) == 1 else "last" if name in names[i + 1 :] else "first" for i, name in enumerate(names)]
