"""The evidence file beside a source, `<file>.helion.lock`: one JSON entry a kernel, device and signature; kernels run without it."""

from __future__ import annotations

import json
from collections.abc import Mapping
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


def add_entry(path: Path, entry: Mapping[str, Any]) -> str:
    """The text of the sidecar with an entry added, or put in the place of the one it renews."""
    key = tuple(entry.get(name) for name in _KEY)
    entries = [e for e in read_entries(path) if tuple(e.get(name) for name in _KEY) != key]
    entries.append(dict(entry))
    entries.sort(key=lambda e: tuple(str(e.get(name)) for name in _KEY))
    return json.dumps({"version": _VERSION, "entries": entries}, indent=2, default=str) + "\n"
