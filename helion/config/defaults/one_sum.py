"""Kernels whose programs add several products up in one sum, as the chunk scan of Mamba-2 does: what they load decides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from helion.config.defaults.program_order import shared_order
from helion.config.knobs.block_sizes import block_range
from helion.device_ir.ir import DeviceIR, MemorySite
from helion.target import Target
from helion.types.dims import Dim

_SIDE = 64
_STEP = 32


def is_one_sum(ir: DeviceIR, target: Target) -> bool:
    """Whether there are different products and all have the same rows and columns. Of other generations nothing was measured."""
    products = {dims[:3] for dims in ir.dot_dims}
    return target.multiplies_from_shared_memory and len(products) > 1 and len({(m, n) for m, n, _ in products}) == 1


def values_of_one_sum(ir: DeviceIR, target: Target) -> Mapping[str, Any]:
    """Each product is short, and no long loop hides what a program waits for: small programs, of which several fit on a multiprocessor,
    load while others multiply. Neighbours load the same rows, where heads share them. A vector is less than the copy engine is worth
    asking for.

    Measured, mamba2_chunk_scan of 8 by 4,096 rows, 80 heads of 64: 128 by 64 in steps of 64 by 8 warps, one a multiprocessor, 816 µs; 64
    by 64 by 4 warps with vectors by pointers 719, all by pointers 744, with heads inmost besides 674, in steps of 32 673.
    """
    m, n, *_ = ir.dot_dims[0]
    wanted = dict.fromkeys(_walked(ir), _STEP) | {m: _SIDE, n: _SIDE}
    lengths: dict[Dim, int] = {block.symbol: ir.hint(block.fixed) for block in ir.blocks if block.fixed is not None}
    for block in ir.blocks:
        if block.entry is not None:
            low, high = block_range(ir, block)
            lengths[block.symbol] = max(low, min(high, wanted.get(block.symbol, 1)))
    block_sizes = [lengths[block.symbol] for block in ir.blocks if block.entry is not None]
    values: dict[str, Any] = {"block_sizes": block_sizes, "num_warps": 4, "num_stages": 2}
    if target.has_tensor_descriptor:
        sites = [site for site in ir.memory_sites if site.indexing_index is not None]
        values["indexing"] = ["pointer" if _is_vector(ir, site, lengths) else "tensor_descriptor" for site in sites]
    orders = [shared_order(ir, grid_loop, lengths) for grid_loop in ir.grid_loops if len(grid_loop.axes) > 1]
    if any(order != sorted(order) for order in orders):
        values["loop_orders"] = [*orders, *(list(range(len(s.axes))) for s in ir.loop_sites if not s.is_grid and len(s.axes) > 1)]
    return values


def _walked(ir: DeviceIR) -> list[Dim]:
    """The blocks whose tiles nested loops walk along."""
    return [axis.block.symbol for site in ir.loop_sites if not site.is_grid for axis in site.axes if axis.block is not None]


def _is_vector(ir: DeviceIR, site: MemorySite, lengths: Mapping[Dim, int]) -> bool:
    return site.kind == "load" and sum(lengths.get(dim, 0) > 1 or ir.hint(dim) > 1 for dim in site.result.dims) < 2
