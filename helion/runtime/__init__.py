"""Calls of kernels: from arguments to a specialization to a launch; touches the GPU, files and the environment."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from helion.config.config import Config
    from helion.runtime.kernel import Kernel, kernel
    from helion.runtime.launcher import default_launcher, get_num_sm

_HOMES = {
    "Config": "helion.config.config",
    "Kernel": "helion.runtime.kernel",
    "kernel": "helion.runtime.kernel",
    "default_launcher": "helion.runtime.launcher",
    "get_num_sm": "helion.runtime.launcher",
}

__all__ = ["Config", "Kernel", "default_launcher", "get_num_sm", "kernel"]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'helion.runtime' has no attribute {name!r}")
