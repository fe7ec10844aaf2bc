"""`helion.autotuner`: the public names of tuning, each loaded from where it is defined when it is first used."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from helion.autotune.config_cache import CacheEntry, CacheKey
    from helion.autotune.user_space import UserConfigSpec
    from helion.config.fragments import BooleanFragment, EnumFragment, Fragment, IntegerFragment, PowerOfTwoFragment
    from helion.config.sequence_fragments import ListOf, PermutationFragment
    from helion.runtime.cache_classes import cache_classes
    from helion.runtime.choose_tuner import default_autotuner_fn
    from helion.runtime.remote_caches import RemoteAutotuneCache, RemoteCacheBackend, StrictRemoteAutotuneCache
    from helion.runtime.tune_callable import autotune
    from helion.runtime.tuners import (
        BaseSearch,
        CachedFiniteSearch,
        DESurrogateHybrid,
        DifferentialEvolutionSearch,
        FiniteSearch,
        LFBOPatternSearch,
        LFBOTreeSearch,
        PatternSearch,
        RandomSearch,
        from_cache,
        search_algorithms,
    )
    from helion.runtime.tuning_caches import AutotuneCacheBase, LocalAutotuneCache, StrictLocalAutotuneCache

__all__ = [
    "AutotuneCacheBase",
    "BaseSearch",
    "BooleanFragment",
    "CacheEntry",
    "CacheKey",
    "CachedFiniteSearch",
    "DESurrogateHybrid",
    "DifferentialEvolutionSearch",
    "EnumFragment",
    "FiniteSearch",
    "Fragment",
    "IntegerFragment",
    "LFBOPatternSearch",
    "LFBOTreeSearch",
    "ListOf",
    "LocalAutotuneCache",
    "PatternSearch",
    "PermutationFragment",
    "PowerOfTwoFragment",
    "RandomSearch",
    "RemoteAutotuneCache",
    "RemoteCacheBackend",
    "StrictLocalAutotuneCache",
    "StrictRemoteAutotuneCache",
    "UserConfigSpec",
    "autotune",
    "cache_classes",
    "default_autotuner_fn",
    "from_cache",
    "search_algorithms",
]

_HOMES = {
    "helion.autotune.config_cache": ("CacheEntry", "CacheKey"),
    "helion.autotune.user_space": ("UserConfigSpec",),
    "helion.config.fragments": ("BooleanFragment", "EnumFragment", "Fragment", "IntegerFragment", "PowerOfTwoFragment"),
    "helion.config.sequence_fragments": ("ListOf", "PermutationFragment"),
    "helion.runtime.choose_tuner": ("default_autotuner_fn",),
    "helion.runtime.tune_callable": ("autotune",),
    "helion.runtime.tuners": (
        "BaseSearch",
        "CachedFiniteSearch",
        "DESurrogateHybrid",
        "DifferentialEvolutionSearch",
        "FiniteSearch",
        "LFBOPatternSearch",
        "LFBOTreeSearch",
        "PatternSearch",
        "RandomSearch",
        "from_cache",
        "search_algorithms",
    ),
    "helion.runtime.cache_classes": ("cache_classes",),
    "helion.runtime.remote_caches": ("RemoteAutotuneCache", "RemoteCacheBackend", "StrictRemoteAutotuneCache"),
    "helion.runtime.tuning_caches": ("AutotuneCacheBase", "LocalAutotuneCache", "StrictLocalAutotuneCache"),
}


def __getattr__(name: str) -> Any:
    home = next((module for module, names in _HOMES.items() if name in names), None)
    if home is None:
        raise AttributeError(f"module 'helion.autotuner' has no attribute {name!r}")
    found = getattr(importlib.import_module(home), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
