"""How one program runs and how programs share the work: `num_warps`, `num_stages`, `pid_type`, `epilogue_subtile` and others."""

from __future__ import annotations

from helion.config.knobs.knob import Knob, Slot, is_int, is_power_of_two, one_of
from helion.device_ir.epilogue import find_epilogue
from helion.device_ir.ir import DeviceIR
from helion.diagnostics.catalog.config import BarrierNeedsPersistent
from helion.target import Target

_PERSISTENT = ("persistent_blocked", "persistent_interleaved")
_CAPS = one_of(None, 32, 64, 128, 256)
_MATRIX_INSTRUCTIONS = one_of(0, 16, 32)
_SUBTILES = one_of(None, 2, 4, True)


def _warps(ir: DeviceIR, target: Target) -> tuple[Slot, ...]:
    most = 1024 // target.warp_size
    choices = tuple(w for w in (4, 8, 2, 1, 16, 32) if w <= most)
    words = f"it must be a power of two from 1 to {most}"
    return (Slot("kernel", None, 4, choices, lambda v: is_power_of_two(v) and is_int(v, 1, most), words),)


def _stages(ir: DeviceIR, target: Target) -> tuple[Slot, ...]:
    return (Slot("kernel", None, 1, (1, 2, 3, 4, 5, 6, 7, 8), lambda v: is_int(v, 1, 10), "it must be an integer from 1 to 10"),)


def allowed_pid_types(ir: DeviceIR) -> tuple[str, ...]:
    """`xyz` needs a single grid loop of two or three dimensions; programs that wait for each other must all be there at once."""
    if len(ir.phases) > 1:
        return ("persistent_blocked",)
    if ir.needs_persistent_programs:
        return _PERSISTENT
    single = len(ir.grid_loops) == 1 and 2 <= len(ir.grid_loops[0].axes) <= 3
    return ("flat", *(("xyz",) if single else ()), *_PERSISTENT)


def _pid_types(ir: DeviceIR, target: Target) -> tuple[Slot, ...]:
    allowed = allowed_pid_types(ir)
    accepts, words = one_of(*allowed)
    return (Slot("kernel", None, allowed[0], allowed, accepts, words, BarrierNeedsPersistent if len(ir.phases) > 1 else None),)


def _multipliers(ir: DeviceIR, target: Target) -> tuple[Slot, ...]:
    if len(ir.phases) > 1:
        words = "programs that wait for each other at `hl.barrier()` must all be on the device at once: one a multiprocessor"
        return (Slot("kernel", None, 1, (1,), lambda v: is_int(v, 1, 1), words),)
    return (Slot("kernel", None, 1, (1, 2, 4, 8), lambda v: is_power_of_two(v) and is_int(v, 1, 128), "a power of two from 1 to 128"),)


def _registers(ir: DeviceIR, target: Target) -> tuple[Slot, ...]:
    if target.vendor != "cuda":
        return ()
    return (Slot("kernel", None, None, (None, 64, 128, 256), *_CAPS),)


def _waves(ir: DeviceIR, target: Target) -> tuple[Slot, ...]:
    if target.vendor != "hip":
        return ()
    return (Slot("kernel", None, 1, (1, 2, 3, 4), lambda v: is_int(v, 1, 4), "it must be an integer from 1 to 4"),)


def _matrix_instructions(ir: DeviceIR, target: Target) -> tuple[Slot, ...]:
    if target.vendor != "hip" or not ir.dot_dims:
        return ()
    return (Slot("kernel", None, 0, (0, 16, 32), *_MATRIX_INSTRUCTIONS),)


def _subtiles(ir: DeviceIR, target: Target) -> tuple[Slot, ...]:
    """Any GPU can; tried where the copy engine stores from memory that the sums do not fill anyway."""
    if all(find_epilogue(ir, grid_loop) is None for grid_loop in ir.grid_loops):
        return ()
    choices = (None, 2, 4) if target.has_warp_specialization else (None,)
    return (Slot("kernel", None, None, choices, *_SUBTILES),)


NUM_WARPS = Knob("num_warps", "Warps of one program.", _warps)
NUM_STAGES = Knob(
    "num_stages", "Depth of software pipelining: of loads that feed dots, and without dots of rows that are walked in chunks.", _stages
)
PID_TYPE = Knob(
    "pid_type",
    "`flat`: one program a tile; `xyz`: the same with a launch dimension an axis; `persistent_*`: one program a multiprocessor, which "
    "takes a contiguous (blocked) or strided (interleaved) share of the tiles.",
    _pid_types,
)
NUM_SM_MULTIPLIER = Knob("num_sm_multiplier", "Persistent programs for each multiprocessor.", _multipliers)
MAXNREG = Knob("maxnreg", "A cap on registers a thread, for persistent programs; None for none.", _registers, valid=_CAPS)
WAVES_PER_EU = Knob("waves_per_eu", "Waves that an execution unit should hold at least: registers are capped for it.", _waves, vendor="hip")
MATRIX_INSTR_NONKDIM = Knob(
    "matrix_instr_nonkdim",
    "M and N of the matrix instructions that dots use; 0 leaves it to Triton.",
    _matrix_instructions,
    vendor="hip",
    valid=_MATRIX_INSTRUCTIONS,
)
EPILOGUE_SUBTILE = Knob(
    "epilogue_subtile",
    "In how many parts, side by side, what follows a product's sums is computed and stored: 2 (or True) or 4; None for all at once. "
    "Parts need fewer registers and less shared memory.",
    _subtiles,
    valid=_SUBTILES,
)
