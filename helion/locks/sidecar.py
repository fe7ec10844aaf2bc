"""The evidence file beside a source, `<file>.helion.lock`: one JSON entry a kernel, device and signature; kernels run without it.

Overrides of the search path have the same form. A file that is not of it, as after a merge, is told apart from one that is not there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import NoneType
from typing import Any

from helion.types.untyped import is_dict, is_sequence

_VERSION = 1
Key = tuple[str | None, str | None, str | None, int]
_NUMBER = (int, float, NoneType)
# What an entry says of these, if it says anything, is of these types: nothing that reads entries need look again.
_TYPES: tuple[tuple[str, tuple[type, ...]], ...] = (
    ("kernel", (str,)),
    ("device", (str,)),
    ("signature", (str, NoneType)),
    ("nth", (int, NoneType)),
    ("config", (dict,)),
    ("sites", (dict, NoneType)),
    ("versions", (dict, NoneType)),
    ("us", _NUMBER),
    ("default_us", _NUMBER),
    ("noise_us", _NUMBER),
)


@dataclass(frozen=True)
class Unreadable:
    """A file that is no sidecar; `reason` is words that go on from the file's name, `offset` where in the text it went wrong."""

    reason: str
    offset: int = 0


def sidecar_path(source: Path) -> Path:
    """Where the evidence of a source file is kept. A link's is beside the file that it leads to, where its locks are written, unless
    there is one beside the link, as where a build links each file of a package by itself."""
    beside = _beside(source)
    return _beside(source.resolve()) if source.is_symlink() and source.exists() and not beside.exists() else beside


def _beside(source: Path) -> Path:
    return source.with_name(f"{source.name}.helion.lock")


def read_sidecar(path: Path) -> list[dict[str, Any]] | Unreadable:
    """The entries of a sidecar; none when there is no file."""
    try:
        return entries_of_text(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as problem:
        return Unreadable(f"cannot be read: {problem}")


def entries_of_text(text: str) -> list[dict[str, Any]] | Unreadable:
    """The entries of a sidecar's text."""
    try:
        data: Any = json.loads(text)
    except json.JSONDecodeError as problem:
        return Unreadable(f"is not JSON, perhaps after a merge: {problem}", problem.pos)
    entries: Any = data.get("entries") if is_dict(data) else None
    if not is_sequence(entries) or not all(is_dict(entry) for entry in entries):
        return Unreadable("holds no list of entries")
    for number, entry in enumerate(entries):
        wrong = next((name for name, types in _TYPES if name in entry and not isinstance(entry[name], types)), None)
        if wrong is not None:
            return Unreadable(f"says of `{wrong}` in entry {number} what is none: {json.dumps(entry[wrong])}")
    return [dict(entry) for entry in entries]


def read_entries(path: Path) -> list[dict[str, Any]]:
    """The entries of a sidecar; none when there is no file, and none of one that cannot be read: for who asks what else is known."""
    found = read_sidecar(path)
    return [] if isinstance(found, Unreadable) else found


def entry_key(entry: Mapping[str, Any]) -> Key:
    """Which lock an entry is evidence of: kernel, device, signature and, of several kernels of one name, which, counted from 1."""
    return entry.get("kernel"), entry.get("device"), entry.get("signature"), entry.get("nth") or 0


def add_entry(path: Path, entry: Mapping[str, Any]) -> str | Unreadable:
    """The text of the sidecar with an entry added, or put in the place of the one it renews; none of one that cannot be read, since
    writing it anew would lose what it holds."""
    known = read_sidecar(path)
    return known if isinstance(known, Unreadable) else sidecar_text([*(e for e in known if entry_key(e) != entry_key(entry)), entry])


def sidecar_text(entries: Iterable[Mapping[str, Any]]) -> str:
    """The text of a sidecar with these entries."""
    ordered = sorted((dict(e) for e in entries), key=lambda e: [str(part) for part in entry_key(e)])
    return json.dumps({"version": _VERSION, "entries": ordered}, indent=2, default=str, ensure_ascii=False) + "\n"  # people review it
