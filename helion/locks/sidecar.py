"""The evidence file beside a source, `<file>.helion.lock`: one JSON entry a kernel, device and signature; kernels run without it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from helion.types.untyped import is_mapping

_VERSION = 1
_KEY = ("kernel", "device", "signature")


def sidecar_path(source: Path) -> Path:
    """Where the evidence of a source file is kept."""
    return source.with_name(f"{source.name}.helion.lock")


def read_entries(path: Path) -> list[dict[str, Any]]:
    """The entries of a sidecar; none when there is no file or it is not one of ours."""
    try:
        data: Any = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return list(data.get("entries", [])) if is_mapping(data) else []


def entry_key(entry: Mapping[str, Any]) -> tuple[Any, ...]:
    """Which lock an entry is evidence of: kernel, device and signature."""
    return tuple(entry.get(name) for name in _KEY)


def add_entry(path: Path, entry: Mapping[str, Any]) -> str:
    """The text of the sidecar with an entry added, or put in the place of the one it renews."""
    return sidecar_text([*(e for e in read_entries(path) if entry_key(e) != entry_key(entry)), entry])


def sidecar_text(entries: Iterable[Mapping[str, Any]]) -> str:
    """The text of a sidecar with these entries."""
    ordered = sorted((dict(e) for e in entries), key=lambda e: [str(part) for part in entry_key(e)])
    return json.dumps({"version": _VERSION, "entries": ordered}, indent=2, default=str) + "\n"
