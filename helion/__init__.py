"""Helion, the tile language that is PyTorch with tiles: public names, loaded when first used."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from helion import autotuner, exc, experimental, language, locks, runtime
    from helion.config.config import Config
    from helion.integers import cdiv, next_power_of_2
    from helion.runtime.aot_kernel import aot_kernel
    from helion.runtime.environment import EnvironmentSettings as Settings
    from helion.runtime.kernel import Kernel, jit, kernel
    from helion.runtime.output_code import OutputCodeOptions
    from helion.runtime.tuners import from_cache
    from helion.settings import RefMode

_HOMES = {
    "aot_kernel": ("helion.runtime.aot_kernel", "aot_kernel"),
    "Config": ("helion.config.config", "Config"),
    "OutputCodeOptions": ("helion.runtime.output_code", "OutputCodeOptions"),
    "Kernel": ("helion.runtime.kernel", "Kernel"),
    "RefMode": ("helion.settings", "RefMode"),
    "Settings": ("helion.runtime.environment", "EnvironmentSettings"),
    "from_cache": ("helion.runtime.tuners", "from_cache"),
    "cdiv": ("helion.integers", "cdiv"),
    "jit": ("helion.runtime.kernel", "jit"),
    "kernel": ("helion.runtime.kernel", "kernel"),
    "next_power_of_2": ("helion.integers", "next_power_of_2"),
}
_MODULES = ("autotuner", "exc", "experimental", "language", "locks", "runtime")

__all__ = [
    "Config",
    "Kernel",
    "OutputCodeOptions",
    "RefMode",
    "Settings",
    "aot_kernel",
    "autotuner",
    "cdiv",
    "exc",
    "experimental",
    "from_cache",
    "jit",
    "kernel",
    "language",
    "locks",
    "next_power_of_2",
    "runtime",
]

if not TYPE_CHECKING:  # a module that has this function has every name, to a type checker
    from helion.late_import import late_import

    def __getattr__(name: str) -> object:
        if name in _HOMES:
            module, attribute = _HOMES[name]
            found = getattr(late_import(module), attribute)
            globals()[name] = found
            return found
        if name in _MODULES:
            return late_import(f"helion.{name}")
        raise AttributeError(f"module 'helion' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
