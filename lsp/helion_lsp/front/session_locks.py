"""The evidence of locks that this session wrote, kept for each document until its text is saved, and after, for undo and redo.

A lock stands in the text the moment it is applied, but its evidence stands in a file. So that the two never disagree the evidence is
written when the text is saved, and taken back when a text without the lock is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any


class SessionLocks:
    """Evidence by document, the newest last; what a lock replaced is kept too, so that undoing it brings that back."""

    def __init__(self) -> None:
        self._entries: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)

    def add(self, uri: str, entry: Mapping[str, Any], replaced: Mapping[str, Any] | None) -> None:
        """A lock is about to be written where `replaced` stood before."""
        known = self._entries[uri]
        known.extend(dict(e) for e in (replaced, entry) if e is not None and e not in known)

    def withdraw(self, uri: str, entry: Mapping[str, Any]) -> None:
        """The lock was not written after all."""
        self._entries[uri] = [e for e in self._entries[uri] if e != entry]

    def of(self, uri: str) -> list[dict[str, Any]]:
        """Everything known of a document's locks."""
        return list(self._entries.get(uri, ()))
