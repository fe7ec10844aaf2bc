"""The stages of a kernel that was bound, printed when `HELION_SHOW` names them: what `helion show` prints, for a call's own types."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from helion.device_ir.print import print_ir
from helion.runtime.environment import shown_stages
from helion.typed_kernel.print import print_kernel

if TYPE_CHECKING:
    from helion.runtime.bound_kernel import BoundKernel


def show_bound(bound: BoundKernel) -> None:
    """Types, device IR and config space, once a specialization."""
    stages = shown_stages()
    if "types" in stages:
        _show("types", bound, print_kernel(bound.typed))
    if "ir" in stages:
        _show("ir", bound, print_ir(bound.ir))
    if "space" in stages:
        slots = (f"{key}: {slot.site}: {slot.default!r} of {list(slot.choices)}" for key, slot in bound.config_spec.slots)
        _show("space", bound, "\n".join(slots))


def show_code(bound: BoundKernel, text: str) -> None:
    """Generated code, once a config."""
    if "triton" in shown_stages():
        _show("triton", bound, text)


def _show(stage: str, bound: BoundKernel, text: str) -> None:
    print(f"# {stage} of {bound.kernel.name}({bound.signature})\n{text}", file=sys.stderr)
