"""`block_sizes`: how long each tuned tile is."""

from __future__ import annotations

from helion.config.knobs.knob import Knob, Slot, is_power_of_two
from helion.device_ir.ir import DeviceIR
from helion.integers import next_power_of_2
from helion.target import Target
from helion.types.dims import MOST_ELEMENTS
from helion.types.types import Block

_UNKNOWN_EXTENT = 8192
_MAX_TRIED = 4096


def block_range(ir: DeviceIR, block: Block) -> tuple[int, int]:
    """The smallest and the largest useful length of a block."""
    low = max(block.minimum, ir.block_minimums.get(block.index, 1))
    extent = _UNKNOWN_EXTENT if block.extent is None else max(1, ir.hint(block.extent, _UNKNOWN_EXTENT))
    high = next_power_of_2(extent)
    high = max(low, min(high, ir.block_maximums.get(block.index, high)))
    return low, high


def _slots(ir: DeviceIR, target: Target) -> tuple[Slot, ...]:
    slots: list[Slot] = []
    for block in ir.blocks:
        if block.entry is None:
            continue
        low, high = block_range(ir, block)
        top = max(low, min(high, _MAX_TRIED))
        choices = tuple(1 << e for e in range(low.bit_length() - 1, top.bit_length()))
        default = max(low, min(high, 32))
        minimum = ir.block_minimums.get(block.index, 1)
        maximum = ir.block_maximums.get(block.index)
        slots.append(Slot(str(block.symbol), block.span, default, choices, _accepts(minimum, maximum), _words(minimum, maximum)))
    return tuple(slots)


def _accepts(minimum: int, maximum: int | None):
    def accepts(value: object) -> bool:
        return is_power_of_two(value) and isinstance(value, int) and minimum <= value <= (maximum or MOST_ELEMENTS)

    return accepts


def _words(minimum: int, maximum: int | None) -> str:
    words = "it must be a power of two"
    if minimum > 1:
        words += f", at least {minimum} here"
    return f"{words}, at most {maximum or MOST_ELEMENTS}"


BLOCK_SIZES = Knob(
    "block_sizes",
    "The length of each tuned tile, a power of two; one entry a `hl.tile` dimension or `hl.register_block_size`, in source order.",
    _slots,
    is_list=True,
    alias="block_size",
)
