"""What `HELION_LOGS` asks to be told while kernels compile, as lines on stderr: the generated code and its file, and at `+` the types."""

from __future__ import annotations

import logging
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from helion.runtime.environment import log_levels
from helion.typed_kernel.print import print_kernel

if TYPE_CHECKING:
    from helion.runtime.bound_kernel import BoundKernel

_LOGGER = "helion.runtime.kernel"


def log_types(bound: BoundKernel) -> None:
    """The typed kernel, once a specialization."""
    if _is_wanted(logging.DEBUG):
        _log(logging.DEBUG, f"types of {bound.kernel.name}({bound.signature}):\n{print_kernel(bound.typed)}")


def log_code(bound: BoundKernel, text: str, path: Path) -> None:
    """The generated code and the file that holds it, once a config."""
    if _is_wanted(logging.INFO):
        _log(logging.INFO, f"code of {bound.kernel.name}({bound.signature}) in {path}:\n{text}")


def _is_wanted(level: int) -> bool:
    """Whether this logger, one that it belongs to, or `all` is asked for at a level."""
    parts = _LOGGER.split(".")
    names = ("all", *(".".join(parts[:count]) for count in range(1, len(parts) + 1)))
    return any(least <= level for name, least in log_levels().items() if name in names)


def _log(level: int, message: str) -> None:
    print(f"{datetime.now():%Y-%m-%d %H:%M:%S} [{_LOGGER}] {logging.getLevelName(level)}: {message}", file=sys.stderr)
