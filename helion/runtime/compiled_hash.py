"""A generated module's host function in, the key under which Triton keeps what it compiled of the module's kernel out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def compiled_hash(host: Callable[..., Any]) -> str | None:
    """The hash of the latest compiled kernel of the module; None before the first launch on a GPU."""
    names: dict[str, Any] = host.__globals__
    # Triton's JIT keeps a table of compiled kernels for each device, the first of a tuple.
    tables = [caches[0] for value in names.values() for caches in getattr(value, "device_caches", {}).values()]
    found = [compiled for table in tables for compiled in table.values()]
    return found[-1].hash if found else None
