"""A module's name in, the module out, imported while the collector rests: what is imported stays, and looking through it takes a sixth."""

from __future__ import annotations

import gc
import importlib
from types import ModuleType


def late_import(name: str) -> ModuleType:
    """What a command needs, once it is known that it does: torch and the compiler take seconds."""
    rests = gc.isenabled()
    gc.disable()
    try:
        return importlib.import_module(name)
    finally:
        if rests:
            gc.freeze()
            gc.enable()
