"""The public cache classes: an autotuner in, an autotuner out that asks for what an earlier tuning found before it tunes."""

from __future__ import annotations

import functools
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helion import exc
from helion.autotune.config_cache import CacheEntry, CacheKey, read_config, read_entries, write_config
from helion.config.config import Config
from helion.runtime.cache_key import loose_key, strict_key
from helion.runtime.environment import cache_directory, may_use_cache, must_hit_cache
from helion.runtime.tuners import BaseSearch

if TYPE_CHECKING:
    from helion.runtime.bound_kernel import BoundKernel


class AutotuneCacheBase(ABC):
    """Stands in front of a search: `get()` gives the config kept for it, `put(config)` keeps one. `cache_key()` says what a config is
    kept for, `list_entries()` everything that is kept, to tell what differs when a hit was demanded.

    `Cache[Search]` is a factory of a search with the cache in front, for `autotuner_fn`.
    """

    def __init__(self, autotuner: BaseSearch) -> None:
        self.autotuner = autotuner
        self.kernel: BoundKernel = autotuner.kernel
        self.args = autotuner.args

    def __class_getitem__(cls, search: Callable[..., BaseSearch]) -> Callable[..., AutotuneCacheBase]:
        return functools.partial(cls.of_search, search)

    @classmethod
    def of_search(
        cls, search: Callable[..., BaseSearch], bound_kernel: BoundKernel, args: Sequence[Any], **options: Any
    ) -> AutotuneCacheBase:
        """The search for these arguments, with this cache in front."""
        return cls(search(bound_kernel, args, **options))

    @abstractmethod
    def get(self) -> Config | None: ...

    @abstractmethod
    def put(self, config: Config) -> None: ...

    @abstractmethod
    def cache_key(self) -> CacheKey: ...

    def list_entries(self) -> list[CacheEntry]:
        """None, unless a cache can list them."""
        return []

    def autotune(self, *, skip_cache: bool = False) -> Config:
        """The config kept, else the search's, which is then kept. `skip_cache` asks for none but keeps the new one.

        Raises `exc.CacheAssertionError` when a hit is demanded by `HELION_ASSERT_CACHE_HIT` and there is none.
        """
        if not may_use_cache():
            return self.autotuner.autotune(skip_cache=skip_cache)
        if not skip_cache:
            found = self.get()
            if found is not None:
                print(f"Using cached config:\n\t{self.kernel.format_kernel_decorator(found)}", file=sys.stderr)
                return found
            if must_hit_cache():
                raise exc.CacheAssertionError(self._miss())
        config = self.autotuner.autotune(skip_cache=skip_cache)
        self.put(config)
        return config

    def _miss(self) -> str:
        key = self.cache_key()
        lines = [f"{self.kernel.kernel.name} is not in the cache, and HELION_ASSERT_CACHE_HIT is set. Its key:"]
        lines += [f"    {name}: {value}" for name, value in key.fields.items()]
        for entry in self.list_entries():
            if entry.key.fields.get("kernel") == key.fields.get("kernel"):
                lines.append(f"an entry of the same kernel, {entry.config}, differs in:")
                lines += [f"    {name}: {ours} instead of {theirs}" for name, (ours, theirs) in key.differences(entry.key).items()]
        return "\n".join(lines)


class LocalAutotuneCache(AutotuneCacheBase):
    """A file for each key in `HELION_CACHE_DIR`, or in TorchInductor's cache."""

    def cache_key(self) -> CacheKey:
        return loose_key(self.kernel, self.args)

    def get(self) -> Config | None:
        found = read_config(_folder(), self.cache_key())
        return None if found is None or self.kernel.config_spec.check(found) else found

    def put(self, config: Config) -> None:
        write_config(_folder(), self.cache_key(), config)

    def list_entries(self) -> list[CacheEntry]:
        return read_entries(_folder())


class StrictLocalAutotuneCache(LocalAutotuneCache):
    """A local cache for the versions of the toolkit, torch and triton at hand only."""

    def cache_key(self) -> CacheKey:
        return strict_key(self.kernel, self.args)


def _folder() -> Path:
    return cache_directory()
