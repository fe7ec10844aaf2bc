"""Kernels that walk over tiles inside a program, without dots: online reductions, two passes, column sums, tiles of tiles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from helion.config.defaults.growth import Growth, accesses, contiguous_blocks
from helion.config.defaults.ragged import ragged_blocks
from helion.config.defaults.streams import Stream, find_streams
from helion.device_ir.graph_builder import info_of
from helion.device_ir.ir import DeviceIR
from helion.integers import next_power_of_2
from helion.target import Target
from helion.types.types import Block, TensorType

_LONGEST_CHUNK = 8192
_ELEMENTS_IN_FLIGHT = 16384
# Rows whose length is read on the device are often short, and lanes beyond the end are lost.
_LONGEST_OF_UNKNOWN = 1024
_ELEMENTS_OF_ROWS = 2048
_ELEMENTS_OF_COLUMNS = 4096
_ELEMENTS_OF_A_WARP = 1024
_BYTES_OF_A_WARP = 1024
_MOST_WARPS_OF_A_ROW = 8
_PROGRAMS_OF_A_MULTIPROCESSOR = 4
_FEWEST_STAGES = 3
# What a program that has a multiprocessor to itself has on its way at once.
_BYTES_AHEAD = 80 << 10
_FEWEST_ROUNDS = 8


def walk_values(ir: DeviceIR, target: Target) -> Mapping[str, Any]:
    """Long chunks of few rows where the walk goes along memory; where it goes across, as many columns as a cache line has and more.

    Measured: a two-pass softmax over rows of 8,192 takes 38 µs in one chunk, 44 in two, 54 in eight; over rows of 32,768 155 µs in chunks
    of 8,192 by 8 warps, 166 of 16,384 by 16, 184 of 4,096; keeping lines for the second pass and dropping them after it saves a tenth.
    Of a row in one chunk nothing is dropped: two loads alike are one, and rows of 8,192 take 37 µs instead of 40. Such rows are kept and
    have a warp a kilobyte, up to 8: welford's of 2,048 in float32 255 µs, 266 where they are not kept, by 4 warps 256.

    Rounds that store as well as load would wait for each other's memory, so many such rounds are loaded ahead: the backward pass of
    rms_norm, a program a multiprocessor, takes 216 µs in place of 344; jsd with its gradient 470 in chunks of 4,096, 561 with neither.
    A multiprocessor's only program takes 80 kB on their way: three stages of rows of 8,192 in bfloat16, or of 4,096 in float32 (four: 222
    and 216 for 217 and 209), five of 4,096 (217 µs, three 265), of 2,048 two at a time (230 and 270), of 1,024 (231 and 270). Several
    programs have as much with three each (jsd 471, in five 502).
    Two or four rounds are not worth it (softmax in two passes 188 µs), nor rounds that only load (kl_div).

    Rows of different lengths are programs of their own: together they would all take as long as the longest.
    """
    growth = Growth(ir)
    streams = find_streams(ir) if target.vendor == "cuda" else ()
    along = contiguous_blocks(ir)
    inner = _blocks(ir, is_grid=False)
    ragged = ragged_blocks(ir)
    outer = [block for block in _blocks(ir, is_grid=True) if block not in inner and block not in ragged]
    walked = [block for block in inner if block.index in along]
    others = [block for block in (*inner, *reversed(outer)) if block not in walked]
    if walked:
        for block in walked:
            longest = _longest(ir, block, streams)
            growth.grow([block], longest, longest)
        growth.grow(others, _ELEMENTS_OF_ROWS, _ELEMENTS_OF_ROWS)
    else:
        growth.grow([block for block in reversed(outer) if block.index in along], _ELEMENTS_OF_ROWS, 128)
        growth.grow(others, _ELEMENTS_OF_COLUMNS, 64)
    _share_out(ir, growth, outer, target, _PROGRAMS_OF_A_MULTIPROCESSOR)
    stages = _stages(ir, growth, target, streams)
    warps = next_power_of_2(max(1, growth.elements() // _ELEMENTS_OF_A_WARP))
    is_held = _is_held(ir, growth, walked)
    if is_held:
        warps = max(warps, min(_MOST_WARPS_OF_A_ROW, growth.elements() * _widest(ir) // _BYTES_OF_A_WARP))
    values: dict[str, Any] = {"block_sizes": growth.block_sizes(), "num_warps": max(4, min(16, warps))}
    if any(stages):
        values["range_num_stages"] = stages
    policies = _policies(ir, after="last" if is_held else "first")
    if any(policies):
        values["load_eviction_policies"] = policies
    return values


def _is_held(ir: DeviceIR, growth: Growth, walked: Sequence[Block]) -> bool:
    """Whether every walk along memory is one round, so that a program holds its rows."""
    return bool(walked) and all(block.extent is not None and growth.sizes[block.index] >= ir.hint(block.extent) for block in walked)


def _widest(ir: DeviceIR) -> int:
    """Bytes of the widest loaded elements."""
    return max((site.tensor.dtype.itemsize for site in ir.memory_sites if site.kind == "load" and site.tensor.dtype is not None), default=1)


def _blocks(ir: DeviceIR, *, is_grid: bool) -> list[Block]:
    found = [axis.block for site in ir.loop_sites if site.is_grid is is_grid for axis in site.axes if axis.block is not None]
    return list({block.index: block for block in found}.values())


def _longest(ir: DeviceIR, block: Block, streams: Sequence[Stream]) -> int:
    """The longest chunk of a walk: half as long where rounds are loaded ahead and there are many even so."""
    if block.extent is None:
        return _LONGEST_OF_UNKNOWN // _crowding(ir, block)
    longest = min(_LONGEST_CHUNK, _ELEMENTS_IN_FLIGHT // _crowding(ir, block))
    is_streamed = any(stream.block == block for stream in streams)
    return longest // 2 if is_streamed and ir.hint(block.extent) >= _FEWEST_ROUNDS * longest // 2 else longest


def _stages(ir: DeviceIR, growth: Growth, target: Target, streams: Sequence[Stream]) -> list[int]:
    """`range_num_stages`: of the loops that are loaded ahead, whose tiles are then shared out among fewer programs."""
    ahead: dict[int, int] = {}
    for stream in streams:
        before = dict(growth.sizes)
        if stream.inside is not None:
            _share_out(ir, growth, [stream.inside], target, 1)
        size = stream.bytes_of_a_round(growth)
        stages = _FEWEST_STAGES if stream.inside is None else max(_FEWEST_STAGES, -(-_BYTES_AHEAD // size))
        if stream.rounds(growth) < max(_FEWEST_ROUNDS, stages) or stages * size > target.shared_memory_per_block:
            growth.sizes.update(before)
        else:
            ahead[stream.site.index] = stages
    return [ahead.get(site.index, 0) for site in ir.loop_sites for _ in (site.axes[:1] if site.is_grid else site.axes)]


def _crowding(ir: DeviceIR, block: Block) -> int:
    """By how much a chunk is shorter because several values of its length are held at once: loads, and what a loop carries."""
    carried = [node for graph in ir.graphs for node in graph.graph.nodes if node.op == "placeholder"]
    types = [info_of(node).type for node in (*carried, *accesses(ir))]
    held = sum(isinstance(type_, TensorType) and block.symbol in type_.shape for type_ in types)
    return next_power_of_2(max(1, (held + 1) // 2))


def _share_out(ir: DeviceIR, growth: Growth, outer: list[Block], target: Target, programs: int) -> None:
    """Tiles that only bound the tiles inside them are as long as leaves every multiprocessor so many programs."""
    for block in outer:
        if block.entry is not None and not growth.holds(block):
            extent = 8192 if block.extent is None else ir.hint(block.extent)
            growth.set(block, next_power_of_2(max(1, extent // (target.multiprocessors * programs))))


def _policies(ir: DeviceIR, after: str) -> list[str]:
    """Lines that a later loop loads again are kept; `after` is what happens to them when they are loaded for the last time."""
    names = [site.name for site in ir.memory_sites if site.load_index is not None]
    return ["" if names.count(name) == 1 else "last" if name in names[i + 1 :] else after for i, name in enumerate(names)]
