"""Settings in, nothing out: raises for values that they cannot have, when they are made rather than when they are first used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from types import MappingProxyType
from typing import Any

import torch

from helion import exc
from helion.settings import RefMode, Settings

_CHOICES: Mapping[str, tuple[Any, ...]] = MappingProxyType(
    {
        "index_dtype": (None, torch.int32, torch.int64),
        "autotune_effort": ("none", "quick", "full"),
        "autotune_initial_population_strategy": (None, "from_random", "from_best_available"),
        "on_missing": ("tune", "default", "error"),
    }
)
_FLAGS = tuple(field.name for field in fields(Settings) if isinstance(field.default, bool))


def check_settings(settings: Settings) -> None:
    """Raises `exc.InvalidSetting`, `exc.BackendUnsupported` or `exc.RefEagerModeCodePrintError`."""
    for name, allowed in _CHOICES.items():
        value = getattr(settings, name)
        if value not in allowed:
            raise exc.InvalidSetting(f"{name} must be one of {', '.join(map(str, allowed))}, not {value!r}")
    for name in _FLAGS:
        value = getattr(settings, name)
        if not isinstance(value, int):
            raise exc.InvalidSetting(f"{name} must be True or False, not {value!r}")
    mode: Any = settings.ref_mode
    if not isinstance(mode, RefMode):
        raise exc.InvalidSetting(f"ref_mode must be a helion.RefMode, not {mode!r}")
    classes: list[Any] = [*settings.ignore_warnings]
    for ignored in classes:
        if not (isinstance(ignored, type) and issubclass(ignored, exc.BaseWarning)):
            raise exc.InvalidSetting(f"ignore_warnings takes warning classes of helion.exc, not {ignored!r}")
    if settings.backend != "triton":
        raise exc.BackendUnsupported(f"backend is {settings.backend!r}; code is generated for 'triton' only")
    if settings.ref_mode is RefMode.EAGER and settings.print_output_code:
        raise exc.RefEagerModeCodePrintError("print_output_code: a kernel run eagerly has no generated code")
