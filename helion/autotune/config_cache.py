"""A key of facts and a config in, a file in a folder out, and back: the best config found for a specialization on some hardware."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from helion.config.config import Config

_SUFFIX = ".best_config"


@dataclass(frozen=True)
class CacheKey:
    """`kind` says which kind of cache it is for; `fields` are texts, equal where a config may be taken over."""

    kind: str
    fields: Mapping[str, str]

    def digest(self) -> str:
        return hashlib.sha256(json.dumps([self.kind, sorted(self.fields.items())]).encode()).hexdigest()

    def differences(self, other: CacheKey) -> dict[str, tuple[str, str]]:
        """The fields in which two keys differ, with both values."""
        names = sorted({*self.fields, *other.fields})
        pairs = {name: (self.fields.get(name, ""), other.fields.get(name, "")) for name in names}
        return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


@dataclass(frozen=True)
class CacheEntry:
    """A config and what it is kept for."""

    key: CacheKey
    config: Config


def cache_file(folder: Path, key: CacheKey) -> Path:
    """Where the config of a key is kept."""
    return folder / f"{key.digest()}{_SUFFIX}"


def read_config(folder: Path, key: CacheKey) -> Config | None:
    """The config kept for a key; None when there is none, or none that can be read."""
    entry = _read(cache_file(folder, key))
    return None if entry is None else entry.config


def write_config(folder: Path, key: CacheKey, config: Config) -> Path:
    """Atomically: readers see the old file or the new one. Raises OSError."""
    path = cache_file(folder, key)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text_of_entry(CacheEntry(key, config)))
    Path(temporary).replace(path)
    return path


def read_entries(folder: Path, most: int | None = None) -> list[CacheEntry]:
    """Everything that is kept, newest first; of the newest `most` files."""
    files = sorted(folder.glob(f"*{_SUFFIX}"), key=lambda path: path.stat().st_mtime, reverse=True)
    return [entry for path in files[:most] if (entry := _read(path)) is not None]


def text_of_entry(entry: CacheEntry) -> str:
    """What is kept: the config and all that it was found for, as JSON."""
    record = {"config": entry.config.to_json(), "key": {"type": entry.key.kind, "fields": dict(entry.key.fields)}}
    return json.dumps(record, indent=2)


def entry_of_text(text: str) -> CacheEntry | None:
    """What `text_of_entry` wrote; None for anything else."""
    try:
        record: Any = json.loads(text)
        key = CacheKey(str(record["key"]["type"]), cast("dict[str, str]", record["key"]["fields"]))
        return CacheEntry(key, Config.from_json(record["config"]))
    except (ValueError, KeyError, TypeError):
        return None


def _read(path: Path) -> CacheEntry | None:
    try:
        return entry_of_text(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return None
