"""A bound kernel, arguments and options in, the autotuner that the settings and the environment ask for out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from helion import exc
from helion.autotune.effort import DEFAULT_SEARCH
from helion.config.config import Config
from helion.runtime.cache_classes import cache_classes
from helion.runtime.environment import autotuner_name
from helion.runtime.tuners import Autotuner, FiniteSearch, search_algorithms

if TYPE_CHECKING:
    from helion.runtime.bound_kernel import BoundKernel


def default_autotuner_fn(bound_kernel: BoundKernel, args: Sequence[Any], **options: Any) -> Autotuner:
    """The search that `HELION_AUTOTUNER` names (pattern search unless set) behind the cache that `autotune_cache` names.

    Raises `exc.InvalidSetting`, a ValueError, for names there are not.
    """
    name = autotuner_name() or DEFAULT_SEARCH
    if name not in search_algorithms:
        raise exc.InvalidSetting(f"HELION_AUTOTUNER: {name!r} is not a search; one of {', '.join(search_algorithms)}")
    cache = bound_kernel.settings.autotune_cache
    if cache not in cache_classes:
        raise exc.InvalidSetting(f"autotune_cache: {cache!r} is not a cache; one of {', '.join(cache_classes)}")
    return cache_classes[cache](search_algorithms[name](bound_kernel, args, **options))


def tuned(bound: BoundKernel, args: Sequence[Any], candidates: Sequence[Config], *, fresh: bool, **options: Any) -> Config:
    """The fastest of the candidates; without any, what the tuner that the kernel's `autotuner_fn` makes finds, else the default one.
    `fresh` uses nothing that was found before."""
    if candidates:
        return FiniteSearch(bound, args, candidates, **options).autotune(skip_cache=True)
    given = bound.settings.autotuner_fn
    make = default_autotuner_fn if given is None else given
    return make(bound, args, **options).autotune(skip_cache=fresh)
