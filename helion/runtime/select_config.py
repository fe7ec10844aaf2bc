"""Which config the first call of a specialization runs: given, locked, the only one, the fastest of several, tuned, or the default."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from helion import exc
from helion.config.config import Config
from helion.runtime.environment import is_triton_interpreter, may_autotune

if TYPE_CHECKING:
    from helion.runtime.bound_kernel import BoundKernel


def select_config(bound: BoundKernel, args: Sequence[Any], *, force_tuning: bool = False, **options: Any) -> Config:
    """Raises `exc.AutotuningDisallowedInEnvironment` when tuning is needed and forbidden."""
    settings = bound.settings
    force = force_tuning or settings.force_autotune
    if not force and len(bound.configs) == 1:
        return bound.configs[0]
    if not force and (settings.autotune_effort == "none" or settings.on_missing == "default" or not bound.configs and is_cpu(bound)):
        config = bound.config_spec.default()
        print(f"Using default config: {bound.format_kernel_decorator(bound.config_spec.minimize(config))}", file=sys.stderr)
        return config
    if settings.on_missing == "error" and not force:
        raise exc.NoConfigFound(f"{bound.kernel.name} has no config for these arguments, and on_missing is 'error'")  # noqa: TRY003
    if not may_autotune():
        raise exc.AutotuningDisallowedInEnvironment(f"{bound.kernel.name} has no config, and tuning is not allowed here")  # noqa: TRY003
    return bound.kernel.tune(bound, args, **options)


def is_cpu(bound: BoundKernel) -> bool:
    """Whether the kernel runs in Triton's interpreter, where timing means nothing."""
    return bound.device.type == "cpu" and is_triton_interpreter()
