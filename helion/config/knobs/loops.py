"""`loop_orders`, `l2_groupings` and `range_*`: in which order tiles are computed and how Triton runs nested loops."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

from helion.config.knobs.knob import Knob, Slot, is_int, is_power_of_two, one_of
from helion.device_ir.ir import DeviceIR, LoopSite
from helion.target import Target
from helion.types.untyped import is_sequence


def _orders(ir: DeviceIR, target: Target) -> tuple[Slot, ...]:
    slots: list[Slot] = []
    for site in ir.loop_sites:
        count = len(site.axes)
        if count > 1:
            identity = list(range(count))
            choices = tuple(list(p) for p in permutations(identity)) if count <= 4 else (identity, identity[::-1])
            words = f"it must be a permutation of {identity}"
            slots.append(Slot(site.name, site.span, identity, choices, _is_permutation(count), words))
    return tuple(slots)


def _is_permutation(count: int) -> Callable[[object], bool]:
    return lambda value: is_sequence(value) and all(type(place) is int for place in value) and sorted(value) == list(range(count))


def _flat_loops(ir: DeviceIR, target: Target) -> tuple[Slot, ...]:
    accepts, words = one_of(False, True)
    return tuple(Slot(s.name, s.span, False, (False, True), accepts, words) for s in ir.loop_sites if s.can_flatten)


def _static_ranges(ir: DeviceIR, target: Target) -> tuple[Slot, ...]:
    accepts, words = one_of(False, True)
    return tuple(
        Slot(s.axes[position].name, s.span, False, (False, True), accepts, words) for s in ir.loop_sites for _, position in s.static_places
    )


def _is_group(value: object) -> bool:
    return is_power_of_two(value) and is_int(value, 1, _MOST_GROUPED)


def _groupings(ir: DeviceIR, target: Target) -> tuple[Slot, ...]:
    return tuple(
        Slot(s.name, s.span, 1, (1, 2, 4, 8, 16, 32, 64), _is_group, f"it must be a power of two, at most {_MOST_GROUPED}")
        for s in ir.loop_sites
        if s.is_grid and len(s.axes) >= 2
    )


def _range_names(ir: DeviceIR) -> list[tuple[LoopSite, str]]:
    """One a grid loop, one a dimension of each nested loop, in source order."""
    return [(s, n) for s in ir.loop_sites for n in ([s.name] if s.is_grid else [axis.name for axis in s.axes])]


def _range_slots(
    choices: tuple[object, ...], accepts: Callable[[object], bool], words: str
) -> Callable[[DeviceIR, Target], tuple[Slot, ...]]:
    def slots(ir: DeviceIR, target: Target) -> tuple[Slot, ...]:
        return tuple(Slot(name, site.span, choices[0], choices, accepts, words) for site, name in _range_names(ir))

    return slots


def _warp_specialize(ir: DeviceIR, target: Target) -> tuple[Slot, ...]:
    accepts, words = one_of(None, True, False)
    if not (target.has_warp_specialization and ir.kernel.options.allow_warp_specialize):
        return ()
    return tuple(Slot(name, site.span, None, (None, True, False), accepts, words) for site, name in _range_names(ir))


_MOST_GROUPED = 4096  # times the tiles of the inner dimension it must stay in 32 bits
_THREE = (None, True, False)
_SMALL = (0, 1, 2, 3, 4)
LOOP_ORDERS = Knob("loop_orders", "The order of a loop's dimensions, outermost first.", _orders, is_list=True, alias="loop_order")
FLATTEN_LOOPS = Knob(
    "flatten_loops",
    "Whether a loop over several tiles runs as one over the product of their extents: for values that lie flat in memory.",
    _flat_loops,
    is_list=True,
    alias="flatten_loop",
)
STATIC_RANGES = Knob(
    "static_ranges",
    "Whether a nested loop of a few rounds, known when the kernel is compiled, is unrolled.",
    _static_ranges,
    is_list=True,
    alias="static_range",
)
L2_GROUPINGS = Knob(
    "l2_groupings",
    "How many tiles of the outer of the two innermost grid dimensions are walked before the next of the inner: neighbours then share "
    "operands in the L2 cache.",
    _groupings,
    is_list=True,
    alias="l2_grouping",
)
RANGE_NUM_STAGES = Knob(
    "range_num_stages",
    "`num_stages` of one loop's `tl.range`; 0 leaves it to the kernel's.",
    _range_slots(_SMALL, lambda v: is_int(v, 0, 8), "it must be an integer from 0 to 8"),
    is_list=True,
    alias="range_num_stage",
)
RANGE_UNROLL_FACTORS = Knob(
    "range_unroll_factors",
    "`loop_unroll_factor` of one loop's `tl.range`; 0 leaves it out.",
    _range_slots(_SMALL, lambda v: is_int(v, 0, 8), "it must be an integer from 0 to 8"),
    is_list=True,
    alias="range_unroll_factor",
)
RANGE_MULTI_BUFFERS = Knob(
    "range_multi_buffers",
    "Whether a dot's accumulator may be double buffered; None leaves it to Triton.",
    _range_slots(_THREE, *one_of(*_THREE)),
    is_list=True,
    alias="range_multi_buffer",
)
RANGE_FLATTENS = Knob(
    "range_flattens",
    "Whether a loop is flattened into the one around it; None leaves it to Triton.",
    _range_slots(_THREE, *one_of(*_THREE)),
    is_list=True,
    alias="range_flatten",
)
RANGE_WARP_SPECIALIZES = Knob(
    "range_warp_specializes",
    "Whether a loop's loads and dots run in warps of their own; from sm_100 on.",
    _warp_specialize,
    is_list=True,
    alias="range_warp_specialize",
)
