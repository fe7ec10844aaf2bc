"""The config chosen without any search, from the device IR and the target alone; each rule says why.

Three kinds of kernel are told apart: those with dots (tensor cores decide), those that reduce whole `:` rows (registers decide), and
pointwise ones (memory width decides).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from helion.config.knobs.block_sizes import block_range
from helion.config.knobs.reduction_loops import LARGEST_WHOLE
from helion.device_ir.ir import DeviceIR
from helion.target import Target
from helion.types.dims import BlockSymbol, Dim
from helion.types.types import Block

_ELEMENTS_OF_A_PROGRAM = 2048
_ROW_ELEMENTS_OF_A_WARP = 512


def default_values(ir: DeviceIR, target: Target) -> Mapping[str, Any]:
    """Values of the knobs that matter; the rest keep their plain defaults."""
    if ir.dot_dims:
        return _with_dots(ir, target)
    if ir.reduction_sites and any(not s.extent.has(BlockSymbol) for s in ir.reduction_sites):
        return _row_reductions(ir, target)
    return _pointwise(ir)


def _clamped(ir: DeviceIR, block: Block, wanted: int) -> int:
    low, high = block_range(ir, block)
    return max(low, min(high, wanted))


def _extent(ir: DeviceIR, block: Block) -> int:
    return 8192 if block.extent is None else ir.hint(block.extent)


def _tuned(ir: DeviceIR) -> list[Block]:
    return [b for b in ir.blocks if b.entry is not None]


# -- dots -----------------------------------------------------------------------------------------------------------


def _with_dots(ir: DeviceIR, target: Target) -> Mapping[str, Any]:
    """M by N by K tiles that fill the tensor cores, smaller where the grid would leave multiprocessors idle.

    A chain of two dots (attention) keeps one operand's whole rows in registers, so its tiles are smaller.
    """
    chained = len(ir.dot_dims) > 1
    blocks = {b.symbol: b for b in _tuned(ir)}
    wide = max((d[3].itemsize if d[3] is not None else 2) for d in ir.dot_dims) > 2
    stages = 2 if wide else 3
    if chained:
        wanted, stages = _chained_tiles(ir, target, wide)
    else:
        wanted = _single_tiles(ir, blocks, target, wide)
    sizes = [_clamped(ir, b, wanted.get(b.symbol, 1)) for b in _tuned(ir)]
    elements = 1
    for m, n, *_ in ir.dot_dims:
        elements = max(elements, _size_of(ir, m, blocks, wanted) * _size_of(ir, n, blocks, wanted))
    warps = 8 if elements >= 128 * 128 else 4
    values: dict[str, Any] = {"block_sizes": sizes, "num_warps": warps, "num_stages": stages}
    grids = [s for s in ir.loop_sites if s.is_grid and len(s.axes) >= 2]
    if chained and target.has_tensor_descriptor:
        # Measured on an H200, heads of 128: 452 TFLOP/s with descriptors, 418 with pointers (benchmarks/results/h200).
        values["indexing"] = "tensor_descriptor"
    if grids and not chained:
        values["l2_groupings"] = [8 for _ in grids]
    return values


def _size_of(ir: DeviceIR, dim: Dim, blocks: Mapping[Any, Block], wanted: Mapping[Any, int]) -> int:
    block = blocks.get(dim)
    return _clamped(ir, block, wanted.get(dim, 1)) if block is not None else ir.hint(dim)


def _single_tiles(ir: DeviceIR, blocks: Mapping[Any, Block], target: Target, wide: bool) -> dict[Any, int]:
    m, n, k, _ = ir.dot_dims[0]
    rows = _extent(ir, blocks[m]) if m in blocks else ir.hint(m)
    columns = _extent(ir, blocks[n]) if n in blocks else ir.hint(n)
    shapes = ((128, 256), (128, 128), (64, 128), (64, 64), (32, 64), (16, 64))
    tile = shapes[-1]
    for tile_m, tile_n in shapes:
        if (wide and tile_m * tile_n > 128 * 128) or tile_m > 2 * rows or tile_n > 2 * columns:
            continue
        tile = (tile_m, tile_n)
        if -(-rows // tile_m) * -(-columns // tile_n) >= target.multiprocessors:
            break
    return {m: tile[0], n: tile[1], k: 32 if wide else 64}


def _chained_tiles(ir: DeviceIR, target: Target, wide: bool) -> tuple[dict[Any, int], int]:
    """Tiles and stages of attention-like kernels: the longest walk over keys whose loads in flight fit the shared memory beside the
    queries."""
    m, n, k, _ = ir.dot_dims[0]
    m2, n2, k2, _ = ir.dot_dims[1]
    wanted: dict[Any, int] = dict.fromkeys((m, n, k, m2, n2, k2), 64)
    wanted[m] = rows = 64 if wide else 128
    bytes_of_row = ir.hint(k, 128) * (4 if wide else 2)
    for keys, stages in ((128, 3), (64, 3), (64, 2), (32, 2)):
        wanted[k2] = keys
        if (rows + 2 * keys * stages) * bytes_of_row <= target.shared_memory_per_block:
            return wanted, stages
    return wanted, 1


# -- rows -----------------------------------------------------------------------------------------------------------


def _row_reductions(ir: DeviceIR, target: Target) -> Mapping[str, Any]:
    """One row a program; several of short rows, so that a program has enough loads in flight. Warps follow the row's length: about 16
    elements a thread. Rows too long for the registers are walked in chunks."""
    longest = max(ir.hint(s.extent) for s in ir.reduction_sites)
    padded = 1 << max(longest - 1, 0).bit_length()
    rows = max(1, _ELEMENTS_OF_A_PROGRAM // padded) if padded < _ELEMENTS_OF_A_PROGRAM else 1
    held = padded if padded <= LARGEST_WHOLE else 4096
    warps = max(1, min(16, held // _ROW_ELEMENTS_OF_A_WARP))
    inner = {a.block.index for s in ir.loop_sites if not s.is_grid for a in s.axes if a.block is not None}
    sizes = [_clamped(ir, b, 1024 if b.index in inner else rows) for b in _tuned(ir)]
    warps = 1 << (warps.bit_length() - 1)
    return {"block_sizes": sizes, "num_warps": max(4, warps) if held * rows >= 1024 else max(1, warps)}


# -- pointwise ------------------------------------------------------------------------------------------------------


def _pointwise(ir: DeviceIR) -> Mapping[str, Any]:
    """About 2048 elements a program, given to the innermost dimensions first since memory is contiguous there. An inner loop's tiles
    are as long as a cache line is wide many times over; the rows around it share the rest."""
    budget = _ELEMENTS_OF_A_PROGRAM
    sizes: dict[int, int] = {}
    inner = [a for s in ir.loop_sites if not s.is_grid for a in s.axes]
    grid = [a for s in ir.loop_sites if s.is_grid for a in s.axes]
    for axis in [*reversed(inner), *reversed(grid)]:
        if axis.block is None or axis.block.index in sizes or axis.block.entry is None:
            continue
        size = _clamped(ir, axis.block, min(budget, 1024))
        sizes[axis.block.index] = size
        budget = max(1, budget // size) if axis in grid or axis is inner[-1] else budget
    return {"block_sizes": [sizes.get(b.index, _clamped(ir, b, 32)) for b in _tuned(ir)]}
