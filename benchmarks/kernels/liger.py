"""Liger's operators by the name of the operation, as peers; none where liger-kernel is not installed."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Mapping
from typing import Any

from benchmarks.kernels.workload import Call

_NAME = "Liger"


def liger(module: str, function: str, *more: Any) -> Mapping[str, Call]:
    """The forward of `liger_kernel.ops.<module>.<function>`, called with the workload's arguments and `more`."""
    if importlib.util.find_spec("liger_kernel") is None:
        return {}
    apply = getattr(importlib.import_module(f"liger_kernel.ops.{module}"), function).apply
    return {_NAME: lambda *args: apply(*args, *more)}
