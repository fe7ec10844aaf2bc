"""Calls of kernels: from arguments to a specialization to a launch; touches the GPU, files and the environment.

Importing this package is cheap; what compiles is imported when a kernel is first bound.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from helion.config.config import Config
from helion.runtime.launcher import default_launcher, get_num_sm, set_triton_allocator

# Bound here, now, so that `helion.runtime.kernel` is the decorator and not the module it is defined in.
from helion.runtime.kernel import Kernel, kernel  # isort: skip

if TYPE_CHECKING:
    from helion.runtime.bound_kernel import BoundKernel
    from helion.runtime.bound_reference import BoundReference

_LAZY = {"BoundKernel": "helion.runtime.bound_kernel", "BoundReference": "helion.runtime.bound_reference"}

__all__ = [
    "BoundKernel",
    "BoundReference",
    "Config",
    "Kernel",
    "default_launcher",
    "get_num_sm",
    "kernel",
    "set_triton_allocator",
]

if not TYPE_CHECKING:  # a module that has this function has every name, to a type checker
    from helion.late_import import late_import

    def __getattr__(name: str) -> object:
        if name not in _LAZY:
            raise AttributeError(f"module 'helion.runtime' has no attribute {name!r}")
        found = getattr(late_import(_LAZY[name]), name)
        globals()[name] = found
        return found
