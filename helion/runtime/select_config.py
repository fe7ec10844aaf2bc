"""Which config the first call of a specialization runs, and why: the only one given, a lock, the fastest of several, a tuned one, or
the default."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from helion import exc
from helion.config.config import Config
from helion.runtime.environment import is_triton_interpreter, may_autotune
from helion.runtime.tune_in_process import tune_bound_kernel

if TYPE_CHECKING:
    from helion.runtime.bound_kernel import BoundKernel


@dataclass(frozen=True)
class Choice:
    """`config` is None when it must be found by tuning. `is_noted` choices print a line, since nobody wrote them down."""

    config: Config | None
    reason: str
    is_noted: bool = False


def choose(bound: BoundKernel) -> Choice:
    """Raises `exc.NoConfigFound` when there is none and `on_missing` is "error"."""
    settings = bound.settings
    if settings.force_autotune:
        return Choice(None, "force_autotune is set")
    if len(bound.configs) == 1:
        return Choice(bound.configs[0], "the decorator's only config")
    if len(bound.configs) > 1 and not _is_interpreted(bound):
        return Choice(None, f"the fastest of the decorator's {len(bound.configs)} configs")
    if bound.configs:
        return Choice(bound.configs[0], "the first of the decorator's configs, since Triton's interpreter has no speed to compare")
    return _without_configs(bound)


def _without_configs(bound: BoundKernel) -> Choice:
    settings = bound.settings
    if settings.on_missing == "error":
        raise exc.NoConfigFound(f"{bound.kernel.name} has no config for these arguments, and on_missing is 'error'")  # noqa: TRY003
    default = bound.config_spec.minimize(bound.config_spec.default())
    if settings.on_missing == "default":
        return Choice(default, "the default, since on_missing is 'default'", is_noted=True)
    if settings.autotune_effort == "none":
        return Choice(default, "the default, since autotune_effort is 'none'", is_noted=True)
    if _is_interpreted(bound):
        return Choice(default, "the default, since Triton's interpreter has no speed to tune", is_noted=True)
    return Choice(None, f"tuned at the first call, with effort {settings.autotune_effort!r}")


def config_of_choice(bound: BoundKernel, choice: Choice, args: Sequence[Any], **options: Any) -> Config:
    """The config, tuned now if need be. Raises `exc.AutotuningDisallowedInEnvironment`, or `exc.NoConfigFound` with the reasons."""
    if choice.config is not None:
        if choice.is_noted:
            print(f"Using default config: {bound.format_kernel_decorator(choice.config)}", file=sys.stderr)
        return choice.config
    if not may_autotune():
        raise exc.AutotuningDisallowedInEnvironment(  # noqa: TRY003
            f"{bound.kernel.name} has no config ({choice.reason}), and HELION_DISALLOW_AUTOTUNING is set"
        )
    return tune_bound_kernel(bound, args, **options)


def _is_interpreted(bound: BoundKernel) -> bool:
    return bound.device.type == "cpu" and is_triton_interpreter()
