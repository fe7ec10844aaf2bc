"""Kernels with dots: tensor cores decide."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from helion.config.knobs.block_sizes import block_range
from helion.device_ir.ir import DeviceIR
from helion.integers import next_power_of_2
from helion.target import Target
from helion.types.dims import Dim
from helion.types.types import Block

_FEW_ROWS = 64
# Of the multiprocessors: a few may idle when the tiles are so much better.
_ENOUGH_PROGRAMS = 0.9


def _clamped(ir: DeviceIR, block: Block, wanted: int) -> int:
    low, high = block_range(ir, block)
    return max(low, min(high, wanted))


def _extent(ir: DeviceIR, block: Block) -> int:
    return 8192 if block.extent is None else ir.hint(block.extent)


def _tuned(ir: DeviceIR) -> list[Block]:
    return [b for b in ir.blocks if b.entry is not None]


def values_with_dots(ir: DeviceIR, target: Target) -> Mapping[str, Any]:
    """M by N by K tiles that fill the tensor cores, smaller where the grid would leave multiprocessors idle.

    A chain of two dots (attention) keeps one operand's whole rows in registers, so its tiles are smaller.
    """
    chained = len(ir.dot_dims) > 1
    blocks = {b.symbol: b for b in _tuned(ir)}
    wide = max((d[3].itemsize if d[3] is not None else 2) for d in ir.dot_dims) > 2
    stages = 2 if wide else 3
    if chained:
        wanted, stages = _chained_tiles(ir, target, wide)
    elif _rows(ir, blocks) <= _FEW_ROWS:
        wanted, stages = _few_rows(ir, blocks, target, wide), 2 if wide else 4
    else:
        wanted = _single_tiles(ir, blocks, target, wide)
    sizes = [_clamped(ir, b, wanted.get(b.symbol, 1)) for b in _tuned(ir)]
    elements = 1
    for m, n, *_ in ir.dot_dims:
        elements = max(elements, _size_of(ir, m, blocks, wanted) * _size_of(ir, n, blocks, wanted))
    warps = 8 if elements >= 128 * 128 else 4
    values: dict[str, Any] = {"block_sizes": sizes, "num_warps": warps, "num_stages": stages}
    grids = [s for s in ir.loop_sites if s.is_grid and len(s.axes) >= 2]
    if target.has_tensor_descriptor:
        # Measured: attention with heads of 128 452 TFLOP/s with descriptors, 418 with pointers; matmul 4096³ no worse (183 µs and 184).
        values["indexing"] = "tensor_descriptor"
    if grids and not chained:
        values["l2_groupings"] = [8 for _ in grids]
    return values


def _size_of(ir: DeviceIR, dim: Dim, blocks: Mapping[Any, Block], wanted: Mapping[Any, int]) -> int:
    block = blocks.get(dim)
    return _clamped(ir, block, wanted.get(dim, 1)) if block is not None else ir.hint(dim)


def _rows(ir: DeviceIR, blocks: Mapping[Any, Block]) -> int:
    """The rows of the first dot's left operand."""
    m = ir.dot_dims[0][0]
    return _extent(ir, blocks[m]) if m in blocks else ir.hint(m)


def _few_rows(ir: DeviceIR, blocks: Mapping[Any, Block], target: Target, wide: bool) -> dict[Any, int]:
    """All rows in one tile, so that the other operand is read once, in narrow tiles so that every multiprocessor reads some of it.

    Measured at 64 by 8192 by 8192: tiles of 64 by 64 by 128 with 4 stages 44 µs, of 64 by 32 54 µs, of 32 by 64 by 64 77 µs.
    """
    m, n, k, _ = ir.dot_dims[0]
    columns = _extent(ir, blocks[n]) if n in blocks else ir.hint(n)
    fitting = [width for width in (128, 64, 32) if -(-columns // width) >= _ENOUGH_PROGRAMS * target.multiprocessors]
    return {m: next_power_of_2(_rows(ir, blocks)), n: fitting[0] if fitting else 32, k: 64 if wide else 128}


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
        if -(-rows // tile_m) * -(-columns // tile_n) >= _ENOUGH_PROGRAMS * target.multiprocessors:
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
