"""Which config the first call of a specialization runs: given, locked, the fastest of several, tuned, or the default; never silently."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from helion import exc
from helion.config.config import Config
from helion.locks.selection import Selected, select
from helion.runtime.devices import product_name
from helion.runtime.environment import is_triton_interpreter, may_autotune
from helion.signatures.notation import notation_of_arguments

if TYPE_CHECKING:
    from helion.runtime.bound_kernel import BoundKernel


def select_config(bound: BoundKernel, args: Sequence[Any], *, force_tuning: bool = False, **options: Any) -> Config:
    """Raises `exc.AutotuningDisallowedInEnvironment` when tuning is needed and forbidden, `exc.NoConfigFound` when on_missing says so."""
    settings = bound.settings
    if not force_tuning and not settings.force_autotune:
        given = _given(bound, args)
        if given is not None:
            return given
        if settings.autotune_effort == "none" or settings.on_missing == "default" or _interprets(bound):
            config = bound.config_spec.default()
            _say(f"Using default config: {bound.format_kernel_decorator(bound.config_spec.minimize(config))}")
            return config
        if settings.on_missing == "error":
            raise exc.NoConfigFound(f"{bound.kernel.name} has no config for these arguments, and on_missing is 'error'")
    if not may_autotune():
        raise exc.AutotuningDisallowedInEnvironment(f"{bound.kernel.name} has no config, and tuning is not allowed here")
    return bound.kernel.tune(bound, args, **options)


def _given(bound: BoundKernel, args: Sequence[Any]) -> Config | None:
    """The decorator's only config, or the entry of its locks that serves these arguments."""
    if len(bound.configs) == 1:
        return bound.configs[0]
    found = _locked(bound, args)
    if found is None:
        return None
    if not found.exact:
        _say(f"{bound.kernel.name}: {found.reason}; `helion tune FILE::{bound.kernel.name} --lock` measures these sizes here")
    return found.config if isinstance(found.config, Config) else Config(**found.config)


def _locked(bound: BoundKernel, args: Sequence[Any]) -> Selected | None:
    if not bound.kernel.locks:
        return None
    return select(bound.kernel.locks, product_name(bound.device), bound.target.name, notation_of_arguments(args))


def _interprets(bound: BoundKernel) -> bool:
    """Whether the kernel runs in Triton's interpreter, where timing means nothing."""
    return bound.device.type == "cpu" and is_triton_interpreter()


def _say(text: str) -> None:
    print(text, file=sys.stderr)


def explain_selection(bound: BoundKernel, args: Sequence[Any]) -> str:
    """Where the config for these arguments comes from, in one sentence."""
    if len(bound.configs) == 1:
        return f"{bound.kernel.name}: the decorator's only config"
    found = _locked(bound, args)
    if found is not None:
        return f"{bound.kernel.name}: {found.reason}"
    return f"{bound.kernel.name}: no entry serves {notation_of_arguments(args)} here; on_missing is {bound.settings.on_missing!r}"
