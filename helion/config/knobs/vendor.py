"""Keys that one vendor's devices have: AMD's cache modifiers and chiplets, NVIDIA's control files for the assembler."""

from __future__ import annotations

from collections.abc import Callable

from helion.config.knobs.knob import Knob, Slot, one_of
from helion.device_ir.ir import DeviceIR
from helion.target import Target

_REMAPS = one_of(False, True)


def _modifiers(kind: str, *values: str) -> Callable[[DeviceIR, Target], tuple[Slot, ...]]:
    accepts, words = one_of(*values)

    def slots(ir: DeviceIR, target: Target) -> tuple[Slot, ...]:
        if target.vendor != "hip":
            return ()
        return tuple(Slot(s.name, s.span, "", values, accepts, words) for s in ir.memory_sites if s.kind == kind)

    return slots


def _remap(ir: DeviceIR, target: Target) -> tuple[Slot, ...]:
    if target.dies == 1:
        return ()
    return (Slot("kernel", None, False, (False, True), *_REMAPS),)


def _control_files(ir: DeviceIR, target: Target) -> tuple[Slot, ...]:
    if target.vendor != "cuda":
        return ()
    choices = tuple(dict.fromkeys(("", *ir.kernel.options.control_files)))
    return (Slot("kernel", None, "", choices, _is_path, "it must be the path of a file, without spaces, or empty"),)


def _is_path(value: object) -> bool:
    """Triton splits what it hands to ptxas at spaces."""
    return isinstance(value, str) and not any(char.isspace() for char in value)


LOAD_CACHE_MODIFIERS = Knob(
    "load_cache_modifiers",
    "Triton's cache modifier of each load, in program order: `.cg` keeps the data out of the first-level cache; empty for none.",
    _modifiers("load", "", ".cg"),
    is_list=True,
    alias="load_cache_modifier",
    vendor="hip",
)
STORE_CACHE_MODIFIERS = Knob(
    "store_cache_modifiers",
    "Triton's cache modifier of each store, in program order: `.cs` for data not used again soon, `.wt` writes through; empty for none.",
    _modifiers("store", "", ".cs", ".wt"),
    is_list=True,
    alias="store_cache_modifier",
    vendor="hip",
)
XCD_REMAP = Knob(
    "xcd_remap",
    "Whether neighbouring tiles are computed on one chiplet, which has an L2 cache of its own: programs are dealt to chiplets in turn. "
    "Programs of `xyz` keep their places.",
    _remap,
    vendor="hip",
    valid=_REMAPS,
)
ADVANCED_CONTROLS_FILE = Knob(
    "advanced_controls_file",
    "A file of advanced controls that ptxas applies (`--apply-controls`, from CUDA 13.3 on: point Triton to such a ptxas with "
    "`TRITON_PTXAS_PATH`); empty for none. The setting `autotune_search_acf` lists those to try.",
    _control_files,
    vendor="cuda",
)
