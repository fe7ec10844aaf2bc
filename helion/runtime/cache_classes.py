"""The caches that the setting `autotune_cache` can name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from helion.runtime.remote_caches import RemoteAutotuneCache, StrictRemoteAutotuneCache
from helion.runtime.tuning_caches import AutotuneCacheBase, LocalAutotuneCache, StrictLocalAutotuneCache

_ALL = (LocalAutotuneCache, StrictLocalAutotuneCache, RemoteAutotuneCache, StrictRemoteAutotuneCache)
cache_classes: Mapping[str, type[AutotuneCacheBase]] = MappingProxyType({cls.__name__: cls for cls in _ALL})
