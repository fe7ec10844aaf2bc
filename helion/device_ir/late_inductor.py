"""The adapter to Inductor, imported when a call first needs it: kernels of our own ops alone, as a plain product, never do.

The import takes most of the time from the first call to its code.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any, Protocol, cast

from helion.device_ir.element_code import ElementCall, ElementProgram, Way


class InductorAdapter(Protocol):
    """What others ask of `helion.device_ir.inductor`, or of who has kept what that said."""

    def way_of(self, target: Any) -> Way: ...
    def element_program(self, call: ElementCall) -> ElementProgram: ...


@dataclass(frozen=True)
class LateInductor:
    """Asks Inductor itself."""

    def way_of(self, target: Any) -> Way:
        return _inductor().way_of(target)

    def element_program(self, call: ElementCall) -> ElementProgram:
        return _inductor().element_program(call)


LATE_INDUCTOR = LateInductor()


def _inductor() -> InductorAdapter:
    return cast("InductorAdapter", importlib.import_module("helion.device_ir.inductor"))
