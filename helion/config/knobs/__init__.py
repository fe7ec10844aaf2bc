"""Every tunable, one a constant, listed explicitly; knows the device IR and the target, not the search."""

from __future__ import annotations

from helion.config.knobs.block_sizes import BLOCK_SIZES
from helion.config.knobs.knob import Knob, Slot
from helion.config.knobs.launch import (
    EPILOGUE_SUBTILE,
    MATRIX_INSTR_NONKDIM,
    MAXNREG,
    NUM_SM_MULTIPLIER,
    NUM_STAGES,
    NUM_WARPS,
    PID_TYPE,
    WAVES_PER_EU,
)
from helion.config.knobs.loops import (
    FLATTEN_LOOPS,
    L2_GROUPINGS,
    LOOP_ORDERS,
    RANGE_FLATTENS,
    RANGE_MULTI_BUFFERS,
    RANGE_NUM_STAGES,
    RANGE_UNROLL_FACTORS,
    RANGE_WARP_SPECIALIZES,
    STATIC_RANGES,
)
from helion.config.knobs.memory import ATOMIC_INDEXING, DEVICE_DESCRIPTORS, INDEXING, LOAD_EVICTION_POLICIES
from helion.config.knobs.reduction_loops import REDUCTION_LOOPS
from helion.config.knobs.vendor import ADVANCED_CONTROLS_FILE, LOAD_CACHE_MODIFIERS, STORE_CACHE_MODIFIERS, XCD_REMAP

KNOBS: tuple[Knob, ...] = (
    BLOCK_SIZES,
    LOOP_ORDERS,
    FLATTEN_LOOPS,
    L2_GROUPINGS,
    REDUCTION_LOOPS,
    RANGE_NUM_STAGES,
    RANGE_UNROLL_FACTORS,
    RANGE_MULTI_BUFFERS,
    RANGE_FLATTENS,
    RANGE_WARP_SPECIALIZES,
    STATIC_RANGES,
    LOAD_EVICTION_POLICIES,
    INDEXING,
    ATOMIC_INDEXING,
    DEVICE_DESCRIPTORS,
    NUM_WARPS,
    NUM_STAGES,
    PID_TYPE,
    NUM_SM_MULTIPLIER,
    MAXNREG,
    EPILOGUE_SUBTILE,
    WAVES_PER_EU,
    MATRIX_INSTR_NONKDIM,
    LOAD_CACHE_MODIFIERS,
    STORE_CACHE_MODIFIERS,
    XCD_REMAP,
    ADVANCED_CONTROLS_FILE,
)

__all__ = ["KNOBS", "Knob", "Slot"]
