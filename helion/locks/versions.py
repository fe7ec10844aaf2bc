"""The versions that code and its speed depend on, as they are installed here; imports nothing of what it names."""

from __future__ import annotations

import importlib.metadata

VERSIONED = ("triton", "torch", "helion-toolkit")


def current_versions() -> dict[str, str]:
    """What a tuning's result depends on besides the kernel and the device."""
    return {name: _version(name) for name in VERSIONED}


def _version(distribution: str) -> str:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return "?"
