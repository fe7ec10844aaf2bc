"""`reduction_loops`: whether a whole `:` row is held in registers or walked in chunks."""

from __future__ import annotations

from helion.config.knobs.knob import Knob, Slot, is_int, is_power_of_two
from helion.device_ir.ir import DeviceIR
from helion.integers import next_power_of_2
from helion.target import Target
from helion.types.dims import MOST_ELEMENTS

LARGEST_WHOLE = 16384
DEFAULT_CHUNK = 16384
_PLAIN_CHUNK = 4096


def _slots(ir: DeviceIR, target: Target) -> tuple[Slot, ...]:
    slots: list[Slot] = []
    for site in ir.reduction_sites:
        if not site.can_loop:
            continue
        extent = next_power_of_2(ir.hint(site.extent))
        chunks = tuple(c for c in (1024, 2048, 4096, 8192, 512, 256, 16384) if c < extent)
        default = default_chunk(extent)
        choices: tuple[object, ...] = (default, *(c for c in chunks if c != default), None) if default else (None, *chunks)
        words = f"it must be None (held whole) or a power of two, at most {MOST_ELEMENTS}; fewer than 8 are 8"
        slots.append(Slot(site.name, site.span, default, choices, _accepts, words))
    return tuple(slots)


def default_chunk(extent: int) -> int | None:
    """The chunk of a row of so many elements, None for one that is held whole."""
    return DEFAULT_CHUNK if extent > LARGEST_WHOLE else None


def plain_chunk(extent: int) -> int | None:
    """The chunk of a row of so many elements where nothing else is known."""
    return _PLAIN_CHUNK if extent > _PLAIN_CHUNK else None


def _accepts(value: object) -> bool:
    return value is None or (is_power_of_two(value) and is_int(value, 1, MOST_ELEMENTS))


REDUCTION_LOOPS = Knob(
    "reduction_loops",
    "The chunk in which a reduction over a `:` dimension is walked, None to hold the whole row; one entry a distinct extent.",
    _slots,
    is_list=True,
    alias="reduction_loop",
    spreads=True,
)
