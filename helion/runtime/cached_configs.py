"""A kernel's hash and its space in, what tunings of it left in the cache out, and how a call's tuning and the command's begin with it."""

from __future__ import annotations

from dataclasses import fields, replace

from helion import exc
from helion.autotune.config_cache import read_entries
from helion.autotune.effort import STRATEGIES, SearchRequest
from helion.autotune.search import Search
from helion.config.config import Config
from helion.config.space import ConfigSpace
from helion.runtime.environment import cache_directory, may_use_cache
from helion.settings import Settings

_POPULATIONS = (None, "from_random", "from_best_available")


def cached_configs(kernel_hash: str, space: ConfigSpace, hardware: str, settings: Settings, most: int | None) -> tuple[Config, ...]:
    """What the cache holds for this kernel and fits it, for whatever arguments: this hardware's first, then the newest. As many files are
    read as the settings allow; none where the environment says not to use the cache."""
    if not may_use_cache():
        return ()
    entries = read_entries(cache_directory(), settings.autotune_best_available_max_cache_scan)
    found = [entry for entry in entries if entry.key.fields.get("kernel_hash") == kernel_hash]
    found.sort(key=lambda entry: entry.key.fields.get("hardware") != hardware)
    fitting = (entry.config for entry in found if not space.check(entry.config))
    return tuple(dict.fromkeys(fitting))[:most]


def cached_seeds(kernel_hash: str, space: ConfigSpace, hardware: str, settings: Settings) -> tuple[Config, ...]:
    """What of that a tuning begins with. Raises `exc.InvalidSetting`."""
    population = settings.autotune_initial_population_strategy
    if population not in _POPULATIONS:
        words = f"autotune_initial_population_strategy is {population!r}; one of {', '.join(map(repr, _POPULATIONS))}"
        raise exc.InvalidSetting(words)
    if population == "from_random":
        return ()
    return cached_configs(kernel_hash, space, hardware, settings, settings.autotune_best_available_max_configs)


def search_beside(seeds: tuple[Config, ...], search: Search | SearchRequest, settings: Settings) -> Search | SearchRequest:
    """The search, from these seeds alone where that is asked for, there are any and it has a population to draw."""
    if not seeds or settings.autotune_initial_population_strategy != "from_best_available" or not isinstance(search, SearchRequest):
        return search
    if "initial_population" not in {field.name for field in fields(STRATEGIES[search.name])}:
        return search
    return replace(search, options={"initial_population": 0, **search.options})
