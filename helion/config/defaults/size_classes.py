"""A kernel whose sizes are arguments in, for each that its default config turns on the size that stands for all with the same config out.

A call with another size of the same class runs what is compiled; one of another class compiles its own. So classes are few.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from helion.device_ir.ir import DeviceIR
from helion.integers import next_power_of_2
from helion.target import Target
from helion.types.dims import Dim, SizeSymbol
from helion.types.types import Block

_FEW_ROWS = 64
_MANY = 8192
_LARGEST = (128, 256)
_ENOUGH_OF_THE_DEVICE = 0.2


def with_size_classes(ir: DeviceIR, target: Target) -> DeviceIR:
    """The IR as a call with the classes' sizes has it; as it is where sizes are known."""
    classes = size_classes(ir, target)
    return replace(ir, hints={**ir.hints, **classes}) if classes else ir


def size_classes(ir: DeviceIR, target: Target) -> Mapping[SizeSymbol, int]:
    """By the names of the sizes; their number does not depend on how large they are.

    Whole rows have a class a power of two, as many lanes as they are held in: Triton compiles each anyway, and the warps of one would
    make another spill (softmax of rows of 16,384 with what suits 1,024: 134 µs and 71). What a product has rows of, or walks along, is
    short or long. 256 by 4096 by 4096 in 128 tiles of 64 by 128 takes 0.56 µs a step of 64, bound by the L2 cache, which is what a
    multiprocessor multiplies 128 by 256 in: so tiles of that size serve what fills a fifth of the device with them as well as many rows,
    where those of 64 by 128 take 1.5 times as long.
    """
    if ir.kernel.static_shapes:
        return {}
    found = {size: next_power_of_2(ir.hint(size)) for site in ir.reduction_sites for size in _named(site.extent)}
    if ir.dot_dims:
        found |= {size: _MANY if ir.hint(size) > _LARGEST[0] else next_power_of_2(ir.hint(size)) for size in _walked(ir)}
        found |= {size: _class_of_rows(ir, size, columns, target) for size, columns in _rows(ir)}
    return found


def _class_of_rows(ir: DeviceIR, size: SizeSymbol, columns: int, target: Target) -> int:
    rows = ir.hint(size)
    programs = -(-rows // _LARGEST[0]) * -(-columns // _LARGEST[1])
    is_many = rows > _FEW_ROWS and programs >= _ENOUGH_OF_THE_DEVICE * target.multiprocessors
    return _MANY if is_many else next_power_of_2(rows)


def _rows(ir: DeviceIR) -> Iterator[tuple[SizeSymbol, int]]:
    """The sizes that products have rows of, and how many columns."""
    blocks: dict[Dim, Block] = {block.symbol: block for block in ir.blocks}
    for m, n, *_ in ir.dot_dims:
        columns = blocks[n].extent if n in blocks else n
        for size in _named(blocks[m].extent if m in blocks else None):
            yield size, _MANY if columns is None else ir.hint(columns)


def _walked(ir: DeviceIR) -> Iterator[SizeSymbol]:
    for axis in (axis for site in ir.loop_sites if not site.is_grid for axis in site.axes):
        yield from _named(None if axis.block is None else axis.block.extent)


def _named(size: Dim | None) -> tuple[SizeSymbol, ...]:
    return (size,) if isinstance(size, SizeSymbol) else ()
