"""A module's name in, the module out, imported while the collector rests: what modules hold stays, and over torch's objects looking through
it again and again takes a third of the time.
"""

from __future__ import annotations

import gc
import importlib
from types import ModuleType


def late_import(name: str) -> ModuleType:
    """What a public name stands for, or a kernel's first bind needs, when it is first asked for. The collector is left as it was found."""
    works = gc.isenabled()
    gc.disable()
    try:
        return importlib.import_module(name)
    finally:
        if works:
            gc.enable()
