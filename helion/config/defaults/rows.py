"""Kernels that hold whole `:` rows: registers decide."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from helion.config.defaults.growth import Growth
from helion.config.knobs.reduction_loops import LARGEST_WHOLE, default_chunk
from helion.device_ir.ir import DeviceIR
from helion.device_ir.online_sums import BYTES_OF_A_LOAD, online_sums
from helion.integers import next_power_of_2
from helion.target import Target
from helion.types.dims import Dim, constant

_ELEMENTS_OF_A_PROGRAM = 2048
_ELEMENTS_OF_A_WARP = 512
_BYTES_OF_A_CHUNK = 16384
_ELEMENTS_FROM_ANYWHERE = 2048
_ELEMENTS_OF_LONG_ROWS = 8192
_STAGES = 3


def row_values(ir: DeviceIR, target: Target) -> Mapping[str, Any]:
    """One row a program; several of short rows, so that a program has enough loads in flight.

    Measured: rows of 8,192 and 10,240 want 8 warps (layer_norm 49 µs; 56 with 16, 99 with 32). Rows too long for registers are walked in
    chunks of 16,384 by 32 warps: softmax of rows of 32,768 137 µs, with chunks of 4,096 by 8 warps 248. Where one loop looks for the
    greatest value and sums exponentials less that, chunks of 16 kB by 16 warps, three on their way: log-sum-exp of rows of 131,072 252 µs,
    which leave the cache at once; of 4,096 one by one 260, and 271 when they leave it at once. Rows that are written as well are kept in
    the cache: rms_norm 129 µs and 134, softmax 36 and 38. Rows that are read once and not written leave it at once, and more warps have
    more of them in flight: sums of rows of 8,192 by 16 warps 67.4 µs, without the policy 70.4, by 8 warps 71. Where a row's length is an
    argument, masks take registers: softmax of 16,384 by 16 warps 74.1 µs, by 8, of which two programs fit, 83.8; of 12,288 65.4 and 75.5.
    """
    growth = Growth(ir)
    grid = [axis.block for site in ir.loop_sites for axis in site.axes if axis.block is not None]
    growth.grow(list(reversed(grid)), _ELEMENTS_OF_A_PROGRAM, _ELEMENTS_OF_A_PROGRAM)
    values: dict[str, Any] = {"block_sizes": growth.block_sizes()}
    longest = max(ir.reduction_sites, key=lambda site: ir.hint(site.extent))
    is_walked = ir.hint(longest.extent) > LARGEST_WHOLE and longest.can_loop
    is_written = _is_visited_again(ir, longest.extent)
    is_once = is_walked and not is_written and any(online_sums(graph.graph.nodes) for graph in ir.graphs)
    if is_written or not is_walked or (is_once and target.vendor == "cuda"):
        policy = "last" if is_written else "first"
        policies = [policy if _holds_rows(ir, position, longest.extent) else "" for position in _loads(ir)]
        if any(policies):
            values["load_eviction_policies"] = policies
    if is_once:
        return values | _walked_once(ir, target, longest.extent)
    if is_walked:
        values["num_warps"] = 1024 // target.warp_size
        return values
    elements = growth.elements()
    is_long = constant(longest.extent) is None and elements > _ELEMENTS_OF_LONG_ROWS
    warps = max(1, min(8 if is_written and not is_long else 16, elements // _ELEMENTS_OF_A_WARP))
    values["num_warps"] = next_power_of_2(max(4, warps)) if elements >= 1024 else next_power_of_2(warps)
    return values


def _walked_once(ir: DeviceIR, target: Target, extent: Dim) -> dict[str, Any]:
    """Chunks of the one row of so many bytes, and other rows as they are otherwise. The elements of rows that begin anywhere are loaded
    one by one: cross-entropy of 50,257 takes 206 µs in chunks of 2,048 by 8 warps, 358 in those of rows that begin where a load may."""
    held = [site.tensor for position, site in enumerate(ir.memory_sites) if site.kind == "load" and _holds_rows(ir, position, extent)]
    itemsize = max((tensor.dtype.itemsize for tensor in held if tensor.dtype is not None), default=4)
    length = constant(extent)
    begins_anywhere = length is None or length * itemsize % BYTES_OF_A_LOAD != 0
    chunk = _ELEMENTS_FROM_ANYWHERE if begins_anywhere else _BYTES_OF_A_CHUNK // itemsize
    sites = [site for site in ir.reduction_sites if site.can_loop]
    chunks = [chunk if site.extent == extent else default_chunk(next_power_of_2(ir.hint(site.extent))) for site in sites]
    stages = {"num_stages": _STAGES} if target.vendor == "cuda" and not begins_anywhere else {}
    threads = 256 if begins_anywhere else 512
    return {"num_warps": threads // target.warp_size, "reduction_loops": chunks, **stages}


def _is_visited_again(ir: DeviceIR, extent: Dim) -> bool:
    """Whether a row is written as well as reduced: a chunk of it is then loaded again."""
    return any(site.kind == "store" and extent in site.result.shape for site in ir.memory_sites)


def _loads(ir: DeviceIR) -> list[int]:
    """The places in `memory_sites` of the loads, in the order of `load_eviction_policies`."""
    return [position for position, site in enumerate(ir.memory_sites) if site.load_index is not None]


def _holds_rows(ir: DeviceIR, position: int, extent: Dim) -> bool:
    """Whether a load gives rows, rather than one that all programs share."""
    shape = ir.memory_sites[position].result.shape
    return extent in shape and len(shape) > 1
