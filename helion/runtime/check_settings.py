"""Settings in, nothing out: raises for values that they cannot have, when they are made rather than when they are first used."""

from __future__ import annotations

from typing import Any

from helion import exc
from helion.settings import FIELD_NAMES, RefMode, Settings, refusal


def check_settings(settings: Settings) -> None:
    """Raises `exc.InvalidSetting`, `exc.BackendUnsupported` or `exc.RefEagerModeCodePrintError`."""
    for name in FIELD_NAMES:
        value = getattr(settings, name)
        wanted = refusal(name, value)
        if wanted is not None and name == "backend":
            raise exc.BackendUnsupported(f"backend is {settings.backend!r}; code is generated for 'triton' only")
        if wanted is not None:
            raise exc.InvalidSetting(f"{name} must be {wanted}, not {value!r}")
    mode: Any = settings.ref_mode
    if not isinstance(mode, RefMode):
        raise exc.InvalidSetting(f"ref_mode must be a helion.RefMode, not {mode!r}")
    classes: list[Any] = [*settings.ignore_warnings]
    for ignored in classes:
        if not (isinstance(ignored, type) and issubclass(ignored, exc.BaseWarning)):
            raise exc.InvalidSetting(f"ignore_warnings takes warning classes of helion.exc, not {ignored!r}")
    if settings.ref_mode is RefMode.EAGER and settings.print_output_code:
        raise exc.RefEagerModeCodePrintError("print_output_code: a kernel run eagerly has no generated code")
