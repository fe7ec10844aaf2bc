"""A module's name in, the module out; what a command imported is never looked through for garbage again."""

from __future__ import annotations

import gc
from types import ModuleType

from helion.late_import import late_import as imported


def late_import(name: str) -> ModuleType:
    """What a command needs, once it is known that it does: torch and the compiler take seconds."""
    module = imported(name)
    if gc.isenabled():
        gc.freeze()
    return module
