"""The adapter to Inductor, imported when a call first needs it: kernels of our own ops alone, as a plain product, never do.

It takes three quarters of the time from the first call to its code.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any, Protocol, cast

from helion.device_ir.element_code import ElementProgram


class InductorAdapter(Protocol):
    """What others ask of `helion.device_ir.inductor`."""

    def has_lowering(self, target: Any) -> bool: ...
    def decompositions(self) -> Mapping[Any, Callable[..., Any]]: ...
    def element_program(self, target: Any, args: tuple[Any, ...], kwargs: tuple[tuple[str, Any], ...], rank: int) -> ElementProgram: ...


def inductor() -> InductorAdapter:
    return cast("InductorAdapter", importlib.import_module("helion.device_ir.inductor"))
