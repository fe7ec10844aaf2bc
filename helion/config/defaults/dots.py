"""Kernels with dots: tensor cores decide."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sympy import Integer

from helion.config.defaults.epilogue_parts import holds_much
from helion.config.defaults.registers import registers_of_chain, scattered_registers
from helion.config.defaults.rounds import most_rounds
from helion.config.defaults.shared_memory import held_bytes, shared_bytes
from helion.config.defaults.shared_programs import values_of_shared_programs
from helion.config.defaults.tensor_memory import COLUMNS, FEWEST_ROWS, columns_of
from helion.config.knobs.block_sizes import block_range
from helion.device_ir.computed import is_computed
from helion.device_ir.epilogue import find_epilogue
from helion.device_ir.graph_builder import info_of
from helion.device_ir.growing_axes import growing_axes
from helion.device_ir.ir import DeviceIR
from helion.integers import next_power_of_2
from helion.ops.table import OPS
from helion.target import Target
from helion.types.dims import Dim, constant, substitute
from helion.types.types import Block, TensorType

_FEW_ROWS = 64
_FEWEST_ROWS = 16
_SHORTEST_STEP = 16
_NARROW_HEAD_BYTES = 128
_MANY_KEYS = 128
# Scores of 128 rows have 8 warps, in the shorter steps too.
_MANY_ROWS, _KEYS_OF_MANY_ROWS = 128, 64
# Of the multiprocessors: a few may idle when the tiles are so much better.
_ENOUGH_PROGRAMS = 0.9
_MANY_SUMS = 128 * 256
# Tensor cores take operands from shared memory from Hopper on.
_OPERANDS_IN_SHARED_MEMORY = 90
_LANES_OF_A_WAVE = 64
# Nobody else wants the shared memory of a program that has a multiprocessor to itself: 64 by 8192 by 8192 44.4 µs, in five stages 44.5, in
# four 45.2 (cuBLAS 44.7).
_STAGES_ALONE = 6
# Float32 wants them as well: 64 by 32768 by 64 14.2 µs, in three 15.2, in two 19.2. So do other small tiles of it: of 16 by 64 86.7, in
# three 115, in two 214; of 64 by 64 87.6, 86.8, 90.5.
_STAGES_OF_FEW_ROWS = 4
_FEW_SUMS = 64 * 64
# More stages than rounds only hold shared memory: mamba2_chunk_state, two rounds, 213 µs in two stages and 309 in four. In one stage
# operands of a round are waited for one after the other: 255.
_STAGES_OF_ONE_ROUND = 2
_LARGEST = (128, 256)
# Tiles of half the size take more time for each element: 1,722 µs and 1,637 where both fill the device (8192³).
_RATE_OF_HALVES = 0.9
_ROWS_OF_PRODUCTS_WAITED_FOR = FEWEST_ROWS // 2
# Of the 512 of a thread: the rest is for operands on their way to the tensor cores.
_REGISTERS_OF_A_CHAIN = 300
# A length of a block that every part of it divides.
_PROBE = 64


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
    chained = is_chained(ir)
    blocks = {b.symbol: b for b in _tuned(ir)}
    wide = max((d[3].itemsize if d[3] is not None else 2) for d in ir.dot_dims) > 2
    stages = 2 if wide else 3
    if chained:
        wanted, stages = _chained_tiles(ir, target, wide)
    elif _rows(ir, blocks) <= _FEW_ROWS:
        wanted = _few_rows(ir, blocks, target, wide)
        if not wide or target.vendor == "cuda":
            stages = _STAGES_ALONE if _programs(ir, blocks, wanted, target) <= target.multiprocessors else _STAGES_OF_FEW_ROWS
    else:
        wanted = _single_tiles(ir, blocks, target, wide)
        _narrow_rows(ir, target, wanted)
        _fit_registers(ir, target, wanted, wide)
        # Packed rows leave room for one more stage: int4_gemm 8192³ 1,546 µs, in three 1,573.
        stages += target.multiplies_from_shared_memory and _is_packed(ir)
        if wide and target.vendor == "cuda" and _largest_sum(ir, _lengths(ir, wanted)) <= _FEW_SUMS:
            stages = _STAGES_OF_FEW_ROWS
    stages = _fit_shared_memory(ir, target, wanted, stages)
    lengths = _lengths(ir, wanted)
    elements = _largest_sum(ir, lengths)
    warps = _warps(ir, target, lengths, chained=chained, wide=wide)
    values: dict[str, Any] = {"block_sizes": [lengths[b.symbol] for b in _tuned(ir)], "num_warps": warps, "num_stages": stages}
    grids = [s for s in ir.loop_sites if s.is_grid and len(s.axes) >= 2]
    if target.has_tensor_descriptor:
        # Measured: attention with heads of 128 452 TFLOP/s with descriptors, 418 with pointers; matmul 4096³ no worse (183 µs and 184).
        values["indexing"] = _indexing(ir, lengths) if chained else "tensor_descriptor"
    parts = 1
    if elements >= _MANY_SUMS and any(holds_much(ir, target, find_epilogue(ir, grid_loop)) for grid_loop in ir.grid_loops):
        values["epilogue_subtile"] = parts = 2
    if grids and not chained:
        values["l2_groupings"] = [8 for _ in grids]
    if not chained and elements >= _MANY_SUMS:
        values |= values_of_shared_programs(ir, target, lengths, stages, parts)
    rounds = most_rounds(ir, lengths)
    if rounds is not None and "range_flattens" not in values:
        values["num_stages"] = min(stages, max(_STAGES_OF_ONE_ROUND, rounds))
    return values


def is_chained(ir: DeviceIR) -> bool:
    """Whether there are products of different sizes, of which one usually takes what another gives."""
    return len({dims[:3] for dims in ir.dot_dims}) > 1


def _warps(ir: DeviceIR, target: Target, lengths: Mapping[Dim, int], *, chained: bool, wide: bool) -> int:
    """8 for many sums. Sums in tensor memory go through registers where another product adds to them, so that all count: conv2d's nine of
    64 by 64 spill 34 in 4 warps, none in 8.

    Four waves of AMD have as many lanes as 8 warps, and one to a SIMD has all of its 512 registers, one of two 256.
    Compiled for gfx950, attention of jagged sequences with heads of 64, 128 by 64 scores: 8 waves spill 8 and 95 registers, 4 none.
    """
    if chained and target.warp_size == _LANES_OF_A_WAVE:
        return 4
    elements = sum(m * n for m, n in _sums(ir, lengths)) if target.has_tensor_memory and not chained else _largest_sum(ir, lengths)
    return 8 if elements >= (_MANY_ROWS * _KEYS_OF_MANY_ROWS if chained and not wide else 128 * 128) else 4


def _indexing(ir: DeviceIR, lengths: Mapping[Dim, int]) -> str | list[str]:
    """Descriptors, but pointers for tensors whose rows are not their last dimension: attention's keys, turned, 2.04 ms and 2.17 in steps
    of 128. In steps of 64 pointers are the slower, 1.98 ms and 1.20."""
    if len(ir.dot_dims) == 2 and all(lengths[symbol] < _MANY_KEYS for symbol in _walked(ir)):
        return "tensor_descriptor"
    tensors = [site.tensor for site in ir.memory_sites if site.indexing_index is not None]
    chosen = ["pointer" if tensor.stride and tensor.stride[-1] != 1 else "tensor_descriptor" for tensor in tensors]
    return chosen if "pointer" in chosen else "tensor_descriptor"


def _length_of(ir: DeviceIR, dim: Dim, lengths: Mapping[Dim, int]) -> int:
    """The length of a dot's dim, which may be arithmetic with a block's."""
    return ir.hint(substitute(dim, {symbol: Integer(lengths[symbol]) for symbol in dim.free_symbols if symbol in lengths}))


def _wanted_of(block: Block, wanted: Mapping[Any, int]) -> int:
    """What a block's length should be where a dot's dim is the block, or a multiple or part of it: two packed values share a byte."""
    for dim, length in wanted.items():
        if dim == block.symbol:
            return length
        if isinstance(dim, Dim) and dim.free_symbols == {block.symbol}:
            return max(1, length * _PROBE // int(substitute(dim, {block.symbol: Integer(_PROBE)})))
    return 1


def _other_programs(ir: DeviceIR, m: Dim, n: Dim, target: Target) -> int:
    """How many programs there are of each tile of the result: matrices of a batch, parts of a sum."""
    counts = 1
    for axis in (axis for site in ir.loop_sites if site.is_grid for axis in site.axes):
        symbol = None if axis.block is None else axis.block.symbol
        if symbol in (m, n) or axis.end is None:
            continue
        length = ir.hint(axis.block.fixed) if axis.block is not None and axis.block.fixed is not None else 1
        counts *= max(1, -(-ir.hint(axis.end) // length))
    return min(counts, target.multiprocessors)


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
    programs = _ENOUGH_PROGRAMS * target.multiprocessors / _other_programs(ir, m, n, target)
    fitting = [width for width in (128, 64, 32) if -(-columns // width) >= programs]
    return {m: next_power_of_2(_rows(ir, blocks)), n: fitting[0] if fitting else 32, k: 64 if wide else 128}


def _single_tiles(ir: DeviceIR, blocks: Mapping[Any, Block], target: Target, wide: bool) -> dict[Any, int]:
    m, n, k, dtype = ir.dot_dims[0]
    rows = _extent(ir, blocks[m]) if m in blocks else ir.hint(m)
    columns = _extent(ir, blocks[n]) if n in blocks else ir.hint(n)
    shapes = (_LARGEST, (128, 128), (64, 128), (64, 64), (32, 64), (16, 64))
    if target.multiplies_from_shared_memory and _computes_right_operand(ir):
        # Each element of the right operand is then computed for twice as many rows.
        shapes = ((256, 128), *shapes[1:])
    tile = shapes[-1]
    # An operand that is unpacked shares the registers with the sums where tensor cores take it from there; two do so everywhere.
    takes_registers = target.capability < _OPERANDS_IN_SHARED_MEMORY
    crowded = _is_packed(ir) and (len(ir.dot_dims) > 1 or (target.vendor == "cuda" and takes_registers))
    programs = _ENOUGH_PROGRAMS * target.multiprocessors / _other_programs(ir, m, n, target)
    for tile_m, tile_n in shapes:
        if ((wide or crowded) and tile_m * tile_n > 128 * 128) or tile_m > 2 * rows or tile_n > 2 * columns:
            continue
        if not _fits_tensor_memory(ir, target, {m: tile_m, n: tile_n, k: _PROBE}):
            continue
        tile = (tile_m, tile_n)
        if -(-rows // tile_m) * -(-columns // tile_n) >= programs:
            break
    if tile == _LARGEST and _is_better_halved(ir, target, rows, columns):
        tile = (128, 128)
    # 128 bytes of K: what one row of the swizzled shared memory that tensor cores read has.
    return {m: tile[0], n: tile[1], k: 128 // (4 if wide else 2 if dtype is None else dtype.itemsize)}


def _fit_registers(ir: DeviceIR, target: Target, wanted: dict[Any, int], wide: bool) -> None:
    """Narrower tiles, then shorter steps, where elements that lie apart leave the sums no room in registers.

    Compiled, conv2d with filters by columns, whose weights lie nine apart, for sm_90: 128 by 256 in steps of 64 spill 72, 128 by 128 up to
    32, in steps of 32 none.
    """
    _, n, k, _ = ir.dot_dims[0]
    while True:
        lengths = _lengths(ir, wanted)
        threads = _warps(ir, target, lengths, chained=False, wide=wide) * target.warp_size
        apart = scattered_registers(ir, lengths, threads)
        room = min(target.max_registers_per_thread, target.registers_per_multiprocessor // threads - 1)
        if not apart or apart + _largest_sum(ir, lengths) // threads <= room:
            return
        if wanted[n] > _LARGEST[0]:
            wanted[n] //= 2
        elif wanted[k] > _SHORTEST_STEP:
            wanted[k] //= 2
        else:
            return


def _is_better_halved(ir: DeviceIR, target: Target, rows: int, columns: int) -> bool:
    """Whether so many multiprocessors idle in the last round of the largest tiles that two rounds of halves for each take less time.

    3072³ is 288 tiles for 132 multiprocessors, three rounds, or 576 halves, five: 93.9 µs and 102.7. Where the rounds are as good as equal
    so is the time: 6144 by 3072 by 3072 176.0 µs and 176.3, 5120³ 414 and 410, 2560 by 2560 by 4096 91.9 and 90.8. Of other generations
    nothing was measured.
    """
    m, n, *_ = ir.dot_dims[0]
    dims = [axis.block.symbol for site in ir.loop_sites if site.is_grid for axis in site.axes if axis.block is not None]
    if not target.multiplies_from_shared_memory or m not in dims or n not in dims:
        return False
    others = _other_programs(ir, m, n, target)
    whole, half = (-(-rows // 128) * -(-columns // width) * others for width in (256, 128))
    rounds, half_rounds = (-(-programs // target.multiprocessors) for programs in (whole, half))
    return half_rounds < 2 * _RATE_OF_HALVES * rounds


def _programs(ir: DeviceIR, blocks: Mapping[Any, Block], wanted: Mapping[Any, int], target: Target) -> int:
    """Of a product whose rows are one tile."""
    m, n, *_ = ir.dot_dims[0]
    columns = _extent(ir, blocks[n]) if n in blocks else ir.hint(n)
    return -(-columns // wanted[n]) * _other_programs(ir, m, n, target)


def _is_packed(ir: DeviceIR) -> bool:
    """Whether the first product's K is arithmetic with a block's length: several values of an operand share an element."""
    k = ir.dot_dims[0][2]
    return not k.is_Symbol and constant(k) is None


def _computes_right_operand(ir: DeviceIR) -> bool:
    """Whether the first product's right operand is made in registers, unpacked or cast, and its left one comes from memory."""
    m, n, k, _ = ir.dot_dims[0]
    nodes = (node for graph in ir.graphs for node in graph.graph.nodes if node.op == "call_function")
    product = next(node for node in nodes if (op := OPS.find(node.target)) is not None and op.requires is not None)
    types = {node: info_of(node).type for node in product.all_input_nodes}
    dims = {node: type_.dims[-2:] for node, type_ in types.items() if isinstance(type_, TensorType)}
    return any(dims[node] == (k, n) and is_computed(node) for node in dims) and not any(
        dims[node] == (m, k) and is_computed(node) for node in dims
    )


def _chained_tiles(ir: DeviceIR, target: Target, wide: bool) -> tuple[dict[Any, int], int]:
    """Tiles and stages of attention-like kernels: the longest walk over keys whose loads in flight fit the shared memory beside what is
    held. Gradients keep several tiles of scores and sums in registers, so that they walk in shorter steps."""
    wanted: dict[Any, int] = {d: 64 for dims in ir.dot_dims for d in dims[:3]}
    wanted[ir.dot_dims[0][0]] = 64 if wide else 128
    _narrow_rows(ir, target, wanted)
    long_steps = (*_favoured_steps(ir, target), (64, 3), (64, 2))
    stages = _fitting_stages(ir, target, wanted, long_steps)
    if stages is None and _is_held_too_long(ir, target, wanted):
        wanted[ir.dot_dims[0][0]] = _ROWS_OF_PRODUCTS_WAITED_FOR
        stages = _fitting_stages(ir, target, wanted, long_steps)
    return wanted, stages or _fitting_stages(ir, target, wanted, ((32, 2),)) or 1


def _fitting_stages(ir: DeviceIR, target: Target, wanted: dict[Any, int], steps: Iterable[tuple[int, int]]) -> int | None:
    """The stages of the first step for which there is shared memory; `wanted` gets its keys, or the last step's if there is none."""
    for keys, stages in steps:
        wanted.update({symbol: keys for symbol in _walked(ir) if symbol in wanted})
        lengths = _lengths(ir, wanted)
        if shared_bytes(ir, target, lengths, stages) <= target.shared_memory_per_block and _holds_chain(ir, target, lengths, stages):
            return stages
    return None


def _holds_chain(ir: DeviceIR, target: Target, lengths: Mapping[Dim, int], stages: int) -> bool:
    """Whether registers hold a chain of products where loads in flight are in registers, too, on AMD.

    Compiled for gfx950 in four waves of up to 512 registers: attention's gradients of keys and values in steps of 64 and 3 stages, 352 by
    this count, spill 307 and 438; of 32 and 2, 256, none. All other chains have 288 and less.
    """
    return target.vendor != "hip" or registers_of_chain(ir, lengths, stages, 4 * target.warp_size) <= _REGISTERS_OF_A_CHAIN


def _is_held_too_long(ir: DeviceIR, target: Target, wanted: Mapping[Any, int]) -> bool:
    """Whether sums are half of all registers, and two stages would fit if products were waited for, as those of few rows are. Registers
    have no room then for what is loaded in the rounds ahead of shorter steps.

    Compiled for sm_100, mla_decode with latents of 512: 64 rows in steps of 64 take 352,816 bytes of shared memory; in steps of 32 they
    fit and spill 302 registers; 32 rows in steps of 64 take 114,688 and spill none. Smaller sums have shorter steps: attention_grad_kv
    with heads of 256, 64 rows in steps of 32, has 98 registers; 32 rows in steps of 64 spill 196.
    """
    lengths = _lengths(ir, wanted)
    if _largest_sum(ir, lengths) < _MANY_SUMS:
        return False
    return shared_bytes(ir, target, lengths, 2) - held_bytes(ir, target, lengths) <= target.shared_memory_per_block


def _walked(ir: DeviceIR) -> list[Dim]:
    """The blocks whose tiles nested loops walk along."""
    return [axis.block.symbol for site in ir.loop_sites if not site.is_grid for axis in site.axes if axis.block is not None]


def _favoured_steps(ir: DeviceIR, target: Target) -> tuple[tuple[int, int], ...]:
    """Keys a step and stages that are tried first.

    Measured in turns, bf16, 128 rows a program, against 128 keys in 3 stages. Heads of 64: 64 keys in 3 stages 764 µs and 1,031 where a
    tile walks up to itself, 1,307 and 1,503 where it walks over all. Heads of 128: where a tile walks up to itself 64 keys in 2 stages, of
    which a multiprocessor holds two programs, 1,197 and 1,378; over all 2,839 and 2,281.

    Compiled for gfx950, where loads in flight are in registers, not on their way to shared memory: 128 keys spill up to 376 registers
    with heads of 64 (`jagged_hstu_attn_2`; in 4 waves 168), 64 keys none.
    """
    if len(ir.dot_dims) > 2 or target.vendor == "hip":
        return ()
    if not target.has_tensor_descriptor:
        return ((128, 3),)
    widths = [constant(d) for dims in ir.dot_dims for d in dims[:3]]
    itemsize = max(2 if dtype is None else dtype.itemsize for *_, dtype in ir.dot_dims)
    if max((width for width in widths if width is not None), default=0) * itemsize <= _NARROW_HEAD_BYTES:
        return ((64, 3),)
    return ((64, 2),) if any(growing_axes(ir, grid_loop) for grid_loop in ir.grid_loops) else ((128, 3),)


def _fit_shared_memory(ir: DeviceIR, target: Target, wanted: dict[Any, int], stages: int) -> int:
    """As many stages as there is shared memory for; shorter steps along K where one has not enough for a product of whole rows."""
    k = ir.dot_dims[0][2]
    while shared_bytes(ir, target, _lengths(ir, wanted), stages) > target.shared_memory_per_block:
        if stages > 1:
            stages -= 1
        elif len(ir.dot_dims) == 1 and wanted[k] > _SHORTEST_STEP:
            wanted[k] //= 2
        else:
            break
    return stages


def _narrow_rows(ir: DeviceIR, target: Target, wanted: dict[Any, int]) -> None:
    """Fewer rows where a sum is so wide (latents of 512, whole rows) that registers would not hold it, or all sums so wide that tensor
    memory would not: the gradients of keys and values with heads of 256."""
    rows = ir.dot_dims[0][0]
    if any(block.symbol == rows for block in _tuned(ir)):
        while wanted[rows] > _FEWEST_ROWS and (
            _largest_sum(ir, _lengths(ir, wanted)) > _MANY_SUMS or not _fits_tensor_memory(ir, target, wanted)
        ):
            wanted[rows] //= 2


def _fits_tensor_memory(ir: DeviceIR, target: Target, wanted: Mapping[Any, int]) -> bool:
    return not target.has_tensor_memory or columns_of(_sums(ir, _lengths(ir, wanted))) <= COLUMNS


def _largest_sum(ir: DeviceIR, lengths: Mapping[Dim, int]) -> int:
    """The elements of the largest result of a dot."""
    return max((m * n for m, n in _sums(ir, lengths)), default=1)


def _sums(ir: DeviceIR, lengths: Mapping[Dim, int]) -> list[tuple[int, int]]:
    """The rows and columns of the results of all dots."""
    return [(_length_of(ir, m, lengths), _length_of(ir, n, lengths)) for m, n, *_ in ir.dot_dims]


def _lengths(ir: DeviceIR, wanted: Mapping[Any, int]) -> dict[Dim, int]:
    """The lengths of all blocks, by their symbols, when the tuned ones get what is wanted where that is allowed."""
    fixed = {b.symbol: ir.hint(b.fixed) for b in ir.blocks if b.fixed is not None}
    return {**fixed, **{b.symbol: _clamped(ir, b, _wanted_of(b, wanted)) for b in _tuned(ir)}}
