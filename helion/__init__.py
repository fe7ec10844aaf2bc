"""Helion, the tile language that is PyTorch with tiles: public names, loaded when first used."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from helion import exc, language, runtime
    from helion.config.config import Config
    from helion.integers import cdiv, next_power_of_2
    from helion.runtime.kernel import Kernel, jit, kernel
    from helion.settings import RefMode, Settings

_HOMES = {
    "Config": "helion.config.config",
    "Kernel": "helion.runtime.kernel",
    "RefMode": "helion.settings",
    "Settings": "helion.settings",
    "cdiv": "helion.integers",
    "jit": "helion.runtime.kernel",
    "kernel": "helion.runtime.kernel",
    "next_power_of_2": "helion.integers",
}
_MODULES = ("exc", "language", "runtime")

__all__ = [
    "Config",
    "Kernel",
    "RefMode",
    "Settings",
    "cdiv",
    "exc",
    "jit",
    "kernel",
    "language",
    "next_power_of_2",
    "runtime",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    if name in _MODULES:
        return importlib.import_module(f"helion.{name}")
    raise AttributeError(f"module 'helion' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
