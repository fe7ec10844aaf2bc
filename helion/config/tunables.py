"""The tunables that a kernel registers in, a knob for each out; and which of their names are taken by built-in knobs."""

from __future__ import annotations

from helion.config.knobs import KNOBS, Knob, Slot
from helion.device_ir.ir import DeviceIR
from helion.diagnostics.catalog.tunables import TunableNameConflict
from helion.diagnostics.diagnostic import Diagnostic
from helion.target import Target
from helion.typed_kernel.tree import TypedKernel
from helion.types.types import Tunable


def tunable_knobs(kernel: TypedKernel) -> tuple[Knob, ...]:
    """One knob a tunable, under its own key."""
    return tuple(_knob(tunable) for tunable in kernel.tunables)


def _knob(tunable: Tunable) -> Knob:
    fragment = tunable.fragment
    slot = Slot(tunable.name, tunable.span, fragment.default(), fragment.choices(), fragment.accepts, fragment.allowed())

    def slots(ir: DeviceIR, target: Target) -> tuple[Slot, ...]:
        return (slot,)

    return Knob(tunable.name, f"A tunable of this kernel: {fragment}.", slots)


def name_conflicts(kernel: TypedKernel) -> tuple[Diagnostic, ...]:
    """A diagnostic for each tunable that has the key of a built-in knob, in its plural or its singular form."""
    taken = {key for knob in KNOBS for key in (knob.key, knob.alias) if key is not None}
    return tuple(TunableNameConflict(t.span, t.name, "it is the key of a built-in knob") for t in kernel.tunables if t.name in taken)
