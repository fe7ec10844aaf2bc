"""Caches whose configs are kept by a service of the user's: text under a key, by a class that `HELION_REMOTE_CACHE_BACKEND` names."""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any

from helion import exc
from helion.autotune.config_cache import CacheEntry, CacheKey, entry_of_text, text_of_entry
from helion.config.config import Config
from helion.runtime.cache_key import loose_key, strict_key
from helion.runtime.environment import remote_cache_backend
from helion.runtime.tuners import BaseSearch
from helion.runtime.tuning_caches import AutotuneCacheBase


class RemoteCacheBackend(ABC):
    """Where texts are kept. Made without arguments, once a tuning; an exception of it ends the tuning."""

    @abstractmethod
    def get(self, key: str) -> str | None:
        """The text kept under a key."""

    @abstractmethod
    def put(self, key: str, data: str) -> None:
        """Keep a text under a key; of two at once either may win."""

    def list(self, max_results: int | None = None) -> Iterable[str]:
        """Texts that are kept, the newest first; none unless a service can list them."""
        return ()


class RemoteAutotuneCache(AutotuneCacheBase):
    """Raises `exc.InvalidSetting` when `HELION_REMOTE_CACHE_BACKEND` does not name a `RemoteCacheBackend` as `module:Class`."""

    def __init__(self, autotuner: BaseSearch) -> None:
        super().__init__(autotuner)
        self.backend = _backend()

    def cache_key(self) -> CacheKey:
        return loose_key(self.kernel, self.args)

    def get(self) -> Config | None:
        text = self.backend.get(self.cache_key().digest())
        entry = None if text is None else entry_of_text(text)
        return None if entry is None or self.kernel.config_spec.check(entry.config) else entry.config

    def put(self, config: Config) -> None:
        key = self.cache_key()
        self.backend.put(key.digest(), text_of_entry(CacheEntry(key, config)))

    def list_entries(self) -> list[CacheEntry]:
        return [entry for text in self.backend.list() if (entry := entry_of_text(text)) is not None]


class StrictRemoteAutotuneCache(RemoteAutotuneCache):
    """A remote cache for the versions of the toolkit, torch and triton at hand only."""

    def cache_key(self) -> CacheKey:
        return strict_key(self.kernel, self.args)


def _backend() -> RemoteCacheBackend:
    name = remote_cache_backend()
    if name is None:
        raise exc.InvalidSetting("HELION_REMOTE_CACHE_BACKEND must name the class that keeps configs, as module:Class")
    module, _, attribute = name.replace(":", ".").rpartition(".")
    try:
        found: Any = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as problem:
        raise exc.InvalidSetting(f"HELION_REMOTE_CACHE_BACKEND: {name!r} cannot be imported: {problem}") from problem
    if not (isinstance(found, type) and issubclass(found, RemoteCacheBackend)):
        raise exc.InvalidSetting(f"HELION_REMOTE_CACHE_BACKEND: {name!r} is no helion.autotuner.RemoteCacheBackend")
    return found()
